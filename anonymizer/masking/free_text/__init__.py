"""Free text: what in it names somebody, and the text without it.

asked.py       what a rule can ask of texts, which takes no time to import
basis/         what all share: `Span`, `Finder`, words, the text as patterns read it
recognition/   one text becomes the places in it that name somebody, by their form
known/         where a text says what other columns of its row hold
tagger/        names of people, places and organisations, by a network
scrubbing/     texts become texts without what names somebody, of the structure they had
tagged.py      the tags that stand in texts, told again and counted
"""
