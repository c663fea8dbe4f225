"""What all finders share.

folding.py   `Span`, a place in a text, and the text as patterns read it
finder.py    `Finder`: a name, a pattern, a check, words around it, and how evidence adds up
words.py     words of trade beside numbers, and names that are words of ordinary sentences
"""
