"""Where personal data stands in one text: patterns, checksums and the words around them.

Pure functions on one text. `find` recognises by form, `find_known` what is known of the row.

    folding.py    the text as patterns read it: ASCII digits, plain dashes, nothing invisible
    contacts.py   e-mail, URL, IP
    identity.py   card, IBAN, US SSN, US driving licence, Chinese resident id
    dates.py      dates; times, sizes and versions are none
    phones.py     phone numbers, by their form and by what stands before them
    finding.py    all of these in one pass
    values.py     what is known of a row, read for the search
    known/        names, addresses and numbers that the same row holds in other columns
"""

from anonymizer.masking.free_text.recognition.finding import FINDERS, PII_TYPES, find, merged
from anonymizer.masking.free_text.recognition.folding import Span
from anonymizer.masking.free_text.recognition.known import Known, find_known

__all__ = ["FINDERS", "PII_TYPES", "Known", "Span", "find", "find_known", "merged"]
