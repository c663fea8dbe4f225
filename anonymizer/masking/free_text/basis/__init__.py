"""What all finders share.

folding.py    `Span`, a place in a text, and the text as patterns read it
finder.py     `Finder`: a name, a pattern, a check, words around it, and how evidence adds up
announced.py  words around a value that say what it is
glance.py     which words, signs and figures texts have, looked at once
phrases.py    where known phrases stand, looked up by the words of a text
lists.py      words as data: folders keep their lists in a `words.toml`
words.py      words of trade beside numbers, of everyday, and names that are words as well
"""
