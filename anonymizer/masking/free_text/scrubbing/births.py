"""Dates of birth of a text, which never move: whoever knows a birthday would read the shift off."""

import re
from collections.abc import Sequence
from typing import Final

from anonymizer.masking.free_text.basis.lists import alternation
from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.recognition.dates.forms.reading import lowered
from anonymizer.masking.free_text.recognition.dates.vocabulary.words import BIRTHS, listed

# Words as well: a day is one of birth right behind them alone.
_SHORT: Final = "(?:ur|[sbf](?=\\.))"
_MORE: Final = listed("""
    d.o.b birthyear birthmonth dateofbirth yearofbirth geburt geborene geburtsjahr naiss nés nasceu
    nació nacieron naceu geboortedag verjaardag cumpleaños anniversaire compleanno aniversário
    urodziny urodził urodziła syntyi syntymäpäivä syntymäpvm geboortejaar födelsedag fødselsdag
    родился родилась doğdu birthdays
""")
_WORDS: Final = alternation(BIRTHS - {"ur"} | _MORE)
# Words of the same phrase: `born in Rome, Italy on`; no other sentence, no maiden name.
_PHRASE: Final = r"\.?(?!\s[A-Z])(?:[^.!?;,，。；、\n]|, (?=[A-Z])){0,48}"
# Whether a text in small letters has any of this: most have not, and a look at all of it is quick.
_ANY: Final = re.compile(rf"{_WORDS}|\b(?:{_SHORT})[.: ]|[*生생出]")
_BEFORE: Final = re.compile(
    rf"(?:(?<![^\W_])(?<!</)(?!NATO)(?i:{_WORDS})(?![^\W\d_])|(?<=[a-z])(?:Birth|DOB|Dob)|生于|生於|出生|生日)"
    rf"(?:,|\s*[:|=]?\s*{_PHRASE})$"
    rf"|(?<![\w.])(?i:{_SHORT})[.: ]{{1,2}}$"
    r"|[\w(,;] ?\*\s?$"
)
_BEHIND: Final = re.compile(
    r"\s?(?:出生|生まれ|生人|생(?!\w)|生(?!\w))|(?i:[ ,]*[(\[-]?\s?"
    rf"(?:{alternation(listed('born dob birth birthday geb geboren geburtstag né née nato nata'))})"
    r"\s*(?:[)\],;\n]|\.?$))"
)
_STARRED: Final = re.compile(r"\s?\*")
_REACH: Final = 72  # characters before a date


def of_birth(text: str, dates: Sequence[Span]) -> set[Span]:
    """Those dates of a text that a word beside them says to be of a birth.

    Args:
        text: as it stands.
        dates: in order.
    """
    found, before, latest = set[Span](), 0, 0
    if not _ANY.search(lowered(text)):
        return found
    for span in dates:
        before = latest if span.start >= latest else before
        behind = _BEHIND.match(text, span.end)  # what is said of this one is not of the next
        latest = max(latest, behind.end() if behind else span.end)
        if behind or _is_born_before(text, before, span):
            found.add(span)
    return found


def _is_born_before(text: str, begin: int, span: Span) -> bool:
    """Whether a word of birth, or a star that no other answers, stands between two dates."""
    said = _BEFORE.search(text, max(begin, span.start - _REACH), span.start)
    starred = said is not None and said[0].rstrip().endswith("*")
    return said is not None and not (starred and _STARRED.match(text, span.end))
