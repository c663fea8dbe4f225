"""Numbers by which states know people and firms, and their check digits.

checks.py   the sorts of check digits
europe.py   numbers of European states
world.py    numbers of all others
"""
