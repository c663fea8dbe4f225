"""Where personal data stands in one text: patterns, checksums and the words around them.

Pure functions on one text. `find` recognises by form, `find_known` what is known of the row.

    finder.py     what a finder is, and how its evidence adds up
    folding.py    the text as patterns read it: ASCII digits, plain dashes, nothing invisible
    contacts.py   e-mail, URL, IP
    identity.py   card, IBAN, US SSN, US driving licence, Chinese resident id
    dates.py      dates; times, sizes and versions are none
    phones.py     phone numbers, by their form and by what stands before them
    finding.py    the registry of finders, and one pass of all of them
    values.py     what is known of a row, read for the search
    known/        names, addresses and numbers that the same row holds in other columns
"""

from anonymizer.masking.free_text.recognition.finding import FINDERS, PII_TYPES, find, merged
from anonymizer.masking.free_text.recognition.folding import Span
from anonymizer.masking.free_text.recognition.known import Known, find_known

__all__ = ["FINDERS", "PII_TYPES", "Known", "Span", "find", "find_known", "merged"]
