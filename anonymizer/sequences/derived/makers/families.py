"""Steps that relations ask for, a family each, in the order in which they are tried."""

from anonymizer.sequences.derived.makers.ground import Maker
from anonymizer.sequences.derived.makers.names import names, once
from anonymizer.sequences.derived.makers.numbers import (
    below,
    histories,
    orders,
    other_orders,
    parts,
    spans,
    sums,
)
from anonymizer.sequences.derived.makers.values import (
    agreements,
    catalogues,
    lasting,
    magnitudes,
    of_things,
    of_visits,
    signs,
)

MAKERS: tuple[Maker, ...] = (
    names, spans, orders, histories, sums, magnitudes, catalogues, below, other_orders, agreements,
    signs, of_visits, of_things, lasting, once, parts,
)  # fmt: skip
OF_ROWS: tuple[Maker, ...] = (
    histories,
    sums,
)  # of what follows within a row, or from the one before
