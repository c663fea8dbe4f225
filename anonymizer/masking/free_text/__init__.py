"""Free text: what in it names somebody, and the text without it.

recognition/   one text becomes the places in it that name somebody, by their form
known/         where a text says what other columns of its row hold
tagger/        names of people, places and organisations, by a network
scrubbing/     texts become texts without what names somebody, of the structure they had
"""
