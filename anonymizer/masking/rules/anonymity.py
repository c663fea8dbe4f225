"""What the `anonymity:` section of a rule file asks of the table as a whole.

The promises are counted per entity, in what is published: k-anonymity (Samarati and Sweeney
1998), l-diversity (Machanavajjhala et al. 2007), t-closeness (Li et al. 2007) and k^m-anonymity
(Terrovitis et al. 2008).
"""

from collections.abc import Container
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Column = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Sensitive(_Section):
    """What a sensitive column must be like in every equivalence class.

    Attributes:
        l: how many values it must have at least.
        kind: `distinct` counts values; `entropy` asks for the evenness of l equally frequent ones.
        t: how far its distribution may be from that of the whole table, 0 to 1: the earth mover's
            distance over ranks for numbers and times, the total variation for everything else.
    """

    l: int | None = Field(default=None, ge=2)  # noqa: E741 (so the literature calls it)
    kind: Literal["distinct", "entropy"] = "distinct"
    t: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.l is None and self.t is None:
            raise ValueError("give `l`, `t` or both")
        return self


class Items(_Section):
    """k^m-anonymity of each entity's set of items.

    Attributes:
        column: of the items, such as the articles a customer bought.
        k: how many entities must share every combination of items that occurs.
        m: how many items of a person somebody may know.
    """

    column: Column
    k: int = Field(default=5, ge=2)
    m: int = Field(default=2, ge=1, le=3)


class Anonymity(_Section):
    """What the published table promises as a whole.

    Attributes:
        quasi_identifiers: columns that together might single somebody out.
        k: how many entities must share each combination of their values, null being one.
        method: `generalise` lets the masks of these columns become coarser, where that loses less;
            `suppress` leaves them as they are. Of what stays rare, single values become null.
        suppress: the share of all values of these columns that may become null so, 0 to 1.
        sensitive: column → what it must be like among the entities of a combination.
        items: what must hold for the sets of items.
    """

    quasi_identifiers: list[Column] = Field(default_factory=list)
    k: int | None = Field(default=None, ge=2)
    method: Literal["generalise", "suppress"] = "generalise"
    suppress: float | None = Field(default=None, ge=0, le=1)
    sensitive: dict[Column, Sensitive] = Field(default_factory=dict)
    items: Items | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.quasi_identifiers) != (self.k is not None):
            raise ValueError("`quasi_identifiers` and `k` need each other")
        if not self.quasi_identifiers and self.items is None:
            raise ValueError("give `quasi_identifiers` and `k`, or `items`")
        if self.sensitive and not self.quasi_identifiers:
            raise ValueError("`sensitive` needs `quasi_identifiers`")
        named = [*self.quasi_identifiers, *self.sensitive]
        named += [self.items.column] if self.items else []
        if len(set(named)) < len(named):
            raise ValueError("a column stands here twice")
        return self

    @property
    def limit(self) -> float:
        """The share of the cells of quasi-identifiers that may be hidden."""
        return 1.0 if self.suppress is None else self.suppress

    def among(self, columns: Container[str]) -> "Anonymity | None":
        """The section without the columns that are absent; None where nothing is left."""
        near = [column for column in self.quasi_identifiers if column in columns]
        items = self.items if self.items and self.items.column in columns else None
        if not near and items is None:
            return None
        sensitive = {name: promise for name, promise in self.sensitive.items() if name in columns}
        update = {"quasi_identifiers": near, "k": self.k if near else None, "items": items}
        return self.model_copy(update=update | {"sensitive": sensitive if near else {}})

    @property
    def columns(self) -> list[str]:
        """All columns that the section names."""
        items = [self.items.column] if self.items else []
        return [*self.quasi_identifiers, *self.sensitive, *items]
