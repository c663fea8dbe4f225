"""What is looked for in a text: what has a form, what its row knows, names."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from anonymizer.masking.free_text.recognition import PII_TYPES, Span, find, find_known, merged

# The type of places where a token shall stand, which is what is canonical of them.
OWN_PLACE: Final = "token"

Recogniser = Callable[[str], Iterable[Span]]


@dataclass(frozen=True)
class Search:
    """What is looked for in the texts of a column.

    Attributes:
        kinds: by their form.
        region: of phone numbers without a country code.
        recogniser: of names; None where only forms count.
        tokens: whether the last two things known are a value and the token to stand for it.
    """

    kinds: tuple[str, ...] = PII_TYPES
    region: str = "US"
    recogniser: Recogniser | None = field(default=None, repr=False)
    tokens: bool = False

    def found(self, text: str, known: Sequence[str | None] = ()) -> list[Span]:
        """The places of a text, in order and apart.

        Args:
            text: as it stands.
            known: what the row holds elsewhere; with `tokens`, a value and its token are last.
        """
        spans = list[Span]()
        if self.tokens:
            *known, value, token = known
            places = find_known(text, [value], self.region)
            spans += [Span(place.start, place.end, OWN_PLACE, token or "") for place in places]
        spans += find(text, self.kinds, self.region)
        spans += find_known(text, known, self.region)
        if self.recogniser is not None:
            spans += self.recogniser(text)
        return merged(spans)
