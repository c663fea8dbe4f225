"""Free text: what in it names somebody, and the text without it.

recognition/   one text becomes the places in it that name somebody
scrubbing/     texts become texts without what names somebody, of the structure they had
"""
