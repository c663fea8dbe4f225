"""What the `batches:` field of a rule file can say of rows that are delivered bit by bit."""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

HELD_BACK: Final = "held_back"


class HeldBack(BaseModel):
    """Rows wait, and leave with those of the same masked day when no other can come.

    Attributes:
        held_back: the column whose masked days they are; null stands for the only one that moves.
        late: how many days a row may come after rows of later days.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    held_back: Annotated[str, Field(min_length=1)] | None
    late: int = Field(default=0, ge=0, le=366)

    def to_rule(self) -> object:
        """As it stands in a rule file."""
        return HELD_BACK if self == HeldBack(held_back=None) else self.model_dump()


Batches: TypeAlias = Literal["refused", "accepted"] | HeldBack
