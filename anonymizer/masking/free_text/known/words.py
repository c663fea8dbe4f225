"""Words that weigh little or much where values of a row are looked for; folded as a text is."""

from typing import Final

from anonymizer.masking.free_text.basis.lists import Lists

WORDS: Final = Lists(__package__)
GENERIC: Final = WORDS.set("generic")


def _nicknames() -> dict[str, frozenset[str]]:
    """Name → what else its owner may be called."""
    table: dict[str, set[str]] = {}
    for line in WORDS["nicknames"]:
        names = set(line.split())
        for name in names:
            table.setdefault(name, set()).update(names - {name})
    return {name: frozenset(others) for name, others in table.items()}


NICKNAMES: Final = _nicknames()
