"""What all finders share.

folding.py     `Span`, a place in a text, and the text as patterns read it
finder.py      `Finder`: a name, a pattern, a check, words around it, and how evidence adds up
announced/     words around a value that say what it is
phrases.py     the words of a text, and where known phrases stand, looked up by them
glances.py     which words, signs and figures many texts have, looked at once
telling.py     the words of many texts as numbers, and those that tell what a text may hold
characters.py  what each character is, as bits
lists.py       words as data: folders keep their lists in a `words.toml`
words.py       words of trade beside numbers, of everyday, and names that are words as well
"""
