"""The words and numerals of dates in the languages that are read: tables, and how to read them.

names.py      months, weekdays, days and quarters, by series of one inflection
numerals.py   numbers in words, Roman and Chinese numerals, eras
words.py      words around a date
"""
