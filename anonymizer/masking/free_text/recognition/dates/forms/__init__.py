"""The forms of dates: how they are written, read and written anew, whatever stands around.

days.py       a day, or as much of one as was written, and how it moves
patterns.py   how dates are written
reading.py    a match becomes a day, and where its parts stand
writing.py    another day in the form of the one that was written
"""
