"""Words around a value that say what it is.

words.py     which of them stand in a text, and where; the phrases are in `words.json`
composed.py  what languages make of a noun for whoever has a number; the nouns are in `heads.json`
"""
