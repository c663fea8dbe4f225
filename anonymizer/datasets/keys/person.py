"""The table of the persons whose data all the rest is, if there is one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from anonymizer.datasets.keys.found import Person, PrimaryKey
from anonymizer.datasets.keys.reading.names import Names, kinds
from anonymizer.datasets.keys.ways import ways_to
from anonymizer.stores.table import ForeignKey

_PERSONAL: Final = {
    "person_name": "names", "first_name": "names", "last_name": "names", "birth_date": "births",
    "birth_year": "births", "email": "e-mail addresses", "phone": "phone numbers", "sex": "sexes",
    "national_id": "national ids", "street_address": "addresses", "address": "addresses",
}  # fmt: skip
_NAMED: Final = 3.0  # points of a table that is called customers, patients, students
_SERVING: Final = 1.0  # of one of employees, doctors, contacts: persons, but rarely those it is of
_ENOUGH: Final = 1.2


def find_person(
    columns: Mapping[str, Sequence[str]],
    primary: Mapping[str, PrimaryKey],
    keys: Sequence[ForeignKey],
    names: Names,
) -> Person | None:
    """The primary key of the likeliest table, or None where no table seems to be of persons."""
    judged = {
        table: _judged(table, columns, keys, names)
        for table, key in primary.items()
        if len(key.columns) == 1
    }
    points = {table: each[0] for table, each in judged.items()}
    best = max(points, key=points.__getitem__, default=None)
    if best is None or points[best] < _ENOUGH:
        return _without_table(columns, names)
    column = _referred(best, primary[best].columns[0], keys)
    return Person(best, column, tuple(judged[best][1]))


def _referred(table: str, primary: str, keys: Sequence[ForeignKey]) -> str:
    """The primary key, or the other unique column to which all keys of other tables refer."""
    names = Counter(key.keys for key in keys if key.parent == table != key.child)
    (most, *_), _ = names.most_common(1)[0] if names else ((primary,), 0)
    return primary if (primary,) in names or any(len(each) > 1 for each in names) else most


def _without_table(columns: Mapping[str, Sequence[str]], names: Names) -> Person | None:
    """A column named for persons, the one that most tables have, where no table is theirs."""
    found = [(table, name) for table, all_ in columns.items() for name in all_ if names.whose(name)]
    if not found:
        return None
    often = Counter(name for _, name in found)
    table, column = max(found, key=lambda each: often[each[1]])
    return Person(table, column, ("no table is of persons", f"{often[column]} tables have it"))


def _judged(
    table: str, columns: Mapping[str, Sequence[str]], keys: Sequence[ForeignKey], names: Names
) -> tuple[float, list[str]]:
    """Points and reasons for one table."""
    told = dict.fromkeys(
        _PERSONAL[kind] for name in columns[table] for kind in kinds(name) if kind in _PERSONAL
    )
    named = {"whose": _NAMED, "serving": _SERVING}.get(names.persons(table) or "", 0.0)
    if not named and len(told) < 2:
        return 0.0, []
    led = sum(bool(ways_to(table, other, keys)) for other in columns if other != table)
    reasons = ["the table is named for persons"] if named else []
    reasons += [f"it holds {', '.join(told)}"] if told else []
    reasons += [f"{led} of {len(columns) - 1} other tables lead to it"]
    return named + 0.5 * min(len(told), 4) + 2 * led / max(len(columns) - 1, 1), reasons
