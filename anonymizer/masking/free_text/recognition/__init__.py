"""Where personal data stands in one text: patterns, checksums and the words around them.

Pure functions on one text. `find` recognises by form.

    contacts/      e-mail, URL, IP, phone
    identifiers/   numbers of states, banks and firms; secrets, handles, devices
    dates/         dates in ten languages, how a day moves in its own form, ages
    addresses/     streets, postcodes and towns by form
    people/        names that titles, greetings, signatures and speakers tell
    finding.py     the registry of finders, and one pass of all of them
    own.py         what a rule file adds to them, and what it lets stay
"""

from anonymizer.masking.free_text.basis.folding import Span
from anonymizer.masking.free_text.recognition.finding import (
    FINDERS,
    PII_TYPES,
    find,
    find_all,
    merged,
)

__all__ = ["FINDERS", "PII_TYPES", "Span", "find", "find_all", "merged"]
