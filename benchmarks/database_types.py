"""What becomes of PostgreSQL's commonest types: each under four masks, into the same DDL.

    python -m benchmarks.database_types

A server of its own is started. One table has a column for each type and mask. Of what a run
refuses, column by column, it says so before a row is read; the rest is masked at once, and read in
both databases as the text that PostgreSQL writes.
"""

import json
import re
import warnings
from typing import Any, Final

from anonymizer.datasets.masking import mask_dataset
from anonymizer.errors import PrivacyWarning, UsageError
from tests.stores.server import Server, running

KEY: Final = "a key for benchmarks only: 7f3a91c5e2"
MASKS: Final = {
    "keep": "keep",
    "token": {"mask": "token"},
    "redact": "redact",
    "shift": {"mask": "date_shift", "days": 30},
}
SAME: Final = {"integer", "bigint", "uuid"}  # which take a token `as: same`
# Each with two values; a third row is null.
TYPES: Final = """
smallint|7|-32768
integer|7|-2147483648
bigint|7|9223372036854775807
numeric(12,2)|0.05|9999999999.99
numeric|0.1234567890123456789012345678901234567890123|2
real|0.1|2.5
double precision|0.1|2.5
money|0.05|7.00
boolean|true|false
text|one|two, "three"
varchar|one|two
varchar(30)|one|two
char(24)|one|two
"char"|x|y
name|one|two
bytea|\\x00ff|\\x5c
date|2024-02-29|2023-06-01
time|23:59:59.999999|00:00:01
timetz|01:02:03.5-08|10:00+01
timestamp|2024-02-29 12:34:56.000001|2023-06-01 01:00
timestamp(0)|2024-02-29 12:34:56|2023-06-01 01:00
timestamptz|2024-03-31 02:30+02|2023-06-01 01:00+00
interval|1 mon -1 day 02:03:04|1 day
uuid|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11
json|{"b": 1.0,  "a": [null]}|7
jsonb|{"b": 1.0, "a": "é"}|7
xml|<a>b</a>|<c/>
inet|10.0.0.1|::1/64
cidr|10.0.0.0/8|::/0
macaddr|08:00:2b:01:02:03|08:00:2b:01:02:04
bit(3)|101|000
varbit|1|01
tsvector|'a' 'b'|'c'
point|(0.1,-2)|(1,2)
int4range|[1,5)|empty
tstzrange|[2020-01-01 00:00+00,infinity)|(,)
oid|7|4294967295
mood|so so|fine
amount|1.25|2.50
integer[]|{1,NULL,-3}|{}
text[]|{"NULL",NULL,"a\\"b"}|{c}
date[]|{2020-02-29}|{2023-06-01}
uuid[]|{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}|{}
jsonb[]|{"{\\"a\\": 1}"}|{}
"""
DDL: Final = """
CREATE TYPE mood AS ENUM ('so so', 'fine');
CREATE DOMAIN amount AS numeric(6, 2) CHECK (VALUE > 0);
"""

TABLES: Final = ("types", "times")

Outcomes = dict[str, dict[str, str]]  # type → mask → what became of it


def outcomes(server: Server) -> Outcomes:
    """What becomes of each type under each mask."""
    types = [line.split("|") for line in TYPES.strip().splitlines()]
    columns = {
        f"{mask}_{place}": each
        for place, each in enumerate(types)
        for mask in MASKS
        if mask != "shift" or each[0].startswith(("date", "timestamp"))
    }
    source = server.database("types", DDL + "".join(_filled(columns, name) for name in TABLES))
    target = server.twin("types_masked", "types")
    refused = _masked({name: each[0] for name, each in columns.items()}, source, target)
    before, after = (_values(server, name) for name in ("types", "types_masked"))
    found: Outcomes = {}
    for name, (type_, *_) in columns.items():
        what = "refused" if name in refused else _changed(before[name], after[name])
        found.setdefault(type_, {})[name.split("_")[0]] = what
    return found


def _of(table: str, columns: dict[str, Any]) -> dict[str, Any]:
    """Times are moved in a table of their own, in which nothing else is looked at."""
    return {n: each for n, each in columns.items() if n.startswith("shift") == (table == "times")}


def _filled(columns: dict[str, list[str]], table: str) -> str:
    """The SQL that makes a table of columns, with their two values and a null."""
    of = _of(table, columns)
    declared = ", ".join(f"{name} {each[0]}" for name, each in of.items())
    rows = [["NULL"] * len(of)]
    rows += ([f"$${each[row]}$$" for each in of.values()] for row in (1, 2))
    values = ", ".join(f"({place}, {', '.join(row)})" for place, row in enumerate(rows))
    return f"CREATE TABLE {table} (person int, {declared}); INSERT INTO {table} VALUES {values};"


def _masked(types: dict[str, str], source: str, target: str) -> set[str]:
    """The columns that were refused before the others were masked; they are null there."""
    refused = set[str]()
    while True:
        masks = {n: "drop" if n in refused else _mask(n, type_) for n, type_ in types.items()}
        tables = {
            table: {"entity": "person", "columns": {"person": "keep"} | _of(table, masks)}
            for table in TABLES
        }
        fields = {"version": 1, "source": source, "target": target, "tables": tables}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PrivacyWarning)
                mask_dataset(fields, key=KEY)
        except UsageError as error:
            named = set(re.findall(rf"\b(?:{'|'.join(MASKS)})_\d+\b", str(error)))
            if not named - refused:
                raise
            refused |= named
        else:
            return refused


def _mask(column: str, type_: str) -> Any:
    mask = column.split("_", maxsplit=1)[0]
    return {"mask": "token", "as": "same"} if mask == "token" and type_ in SAME else MASKS[mask]


def _values(server: Server, database: str) -> dict[str, list[Any]]:
    """The values of each column, as PostgreSQL writes them."""
    found: dict[str, list[Any]] = {}
    for table in TABLES:
        query = f"SELECT json_agg(t ORDER BY person) FROM {table} t"
        rows = json.loads(server.psql(database, query), parse_float=str, parse_int=str)
        found |= {name: [row[name] for row in rows] for name in rows[0]}
    return found


def _changed(before: list[Any], after: list[Any]) -> str:
    """In a word; a null that became a value, or the other way round, is one of its own."""
    if after == before:
        return "equal"
    if after == [None] * len(before):
        return "null"
    pairs = list(zip(before, after, strict=True))
    if all((old is None) == (new is None) and (old is None or old != new) for old, new in pairs):
        return "masked"
    return f"changed: {pairs}"


def main() -> None:
    """Print the table, types of which the same becomes in one row."""
    alike: dict[tuple[str, ...], list[str]] = {}
    with running() as server:
        for type_, found in outcomes(server).items():
            alike.setdefault(tuple(found.get(mask, "") for mask in MASKS), []).append(type_)
    print("| types |", " | ".join(MASKS), "|")
    print("|---" * (len(MASKS) + 1) + "|")
    for became, types in alike.items():
        print(f"| {', '.join(types)} |", " | ".join(became), "|")


if __name__ == "__main__":
    main()
