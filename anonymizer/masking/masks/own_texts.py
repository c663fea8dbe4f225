"""What a rule says of texts of its own: further kinds, and words that stay or always go."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from anonymizer.masking.free_text.asked import OWN_PLACE

if TYPE_CHECKING:
    from anonymizer.masking.free_text.recognition.own import Own, OwnFinder


def _no_token(kind: str) -> str:
    if kind == OWN_PLACE:
        raise ValueError(f"{kind!r} is what stands for values of `token`: take another word")
    return kind


# What a tag can hold.
Kind = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,30}$"), AfterValidator(_no_token)]
OwnText = Annotated[str, Field(pattern=r"\S", max_length=200)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Patterned(_Frozen):
    pattern: str = Field(min_length=1, max_length=2000)

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, pattern: str) -> str:
        from anonymizer.masking.free_text.recognition.own import fault_of  # noqa: PLC0415 (slow)

        if (fault := fault_of(pattern)) is not None:
            raise ValueError(fault)
        return pattern


class OwnPattern(_Patterned):
    """Values that stay, told by a pattern.

    Attributes:
        pattern: of the whole value, in the syntax of Polars, which has no look-around.
    """


class OwnKind(_Patterned):
    """A kind of one's own, such as numbers of tickets.

    Attributes:
        kind: what its tag says: `ticket` gives `<TICKET>`. One of the kinds that there are gets
            more of its sort.
        pattern: of a value, in the syntax of Polars, which has no look-around; what is of letters
            and digits stands apart from others.
        words: that tell it from other numbers, in front of it or right behind; `*` for any ending.
            With a check, one of both is enough.
        check: digit that the value ends in: of cards (`luhn`), modulo 11 with weights 1, 2, 3 from
            the right and X for 10 (`mod11`), or of accounts, in front (`iban`).
    """

    kind: Kind
    words: tuple[OwnText, ...] = Field(default=(), strict=False)
    check: Literal["none", "luhn", "mod11", "iban"] = "none"

    @field_validator("words")
    @classmethod
    def _have_letters(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        wordless = [word for word in words if not any(map(str.isalpha, word))]
        if wordless:
            raise ValueError(f"{wordless[0]!r} has no letter, by which words are found")
        return words

    @property
    def finder(self) -> "OwnFinder":
        """The finder of this kind."""
        from anonymizer.masking.free_text.recognition.own import (  # noqa: PLC0415 (slow)
            CHECKS,
            OwnFinder,
        )

        return OwnFinder(self.kind, self.pattern, self.words, CHECKS[self.check])


class OwnWords(_Frozen):
    """Words that always go, under a kind of their own.

    Attributes:
        kind: what their tag says.
        words: in any case, with accents or without.
    """

    kind: Kind = "name"
    words: tuple[OwnText, ...] = Field(min_length=1, strict=False)


def own(
    custom: tuple[OwnKind, ...],
    allow: tuple[str | OwnPattern, ...],
    deny: tuple[str | OwnWords, ...],
    region: str,
) -> "Own":
    """All of it, ready to be looked for."""
    from anonymizer.masking.free_text.recognition.own import Own, Phrases  # noqa: PLC0415 (slow)

    names = tuple(each for each in deny if isinstance(each, str))
    others = [each for each in deny if isinstance(each, OwnWords)]
    listed = [OwnWords(words=names), *others] if names else others
    return Own(
        finders=tuple(each.finder for each in custom),
        denied=tuple((each.kind, Phrases(each.words)) for each in listed),
        allowed=tuple(each for each in allow if isinstance(each, str)),
        allowed_patterns=tuple(each.pattern for each in allow if isinstance(each, OwnPattern)),
        region=region,
    )
