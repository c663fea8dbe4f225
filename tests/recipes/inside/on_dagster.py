"""Where Dagster is: the asset on good and on bad orders, then what one must not do."""

import os
import sys
from pathlib import Path

import dagster as dg
import polars as pl
from room import RECIPES, furnish

sys.path.insert(0, str(RECIPES))
from dagster_asset import Room, masked_orders

WORK = Path(sys.argv[1])
ROOM = WORK / "room"


@dg.asset
def frame(room: Room) -> pl.DataFrame:
    """A frame as the value of an asset."""
    return pl.read_csv(room.raw)


@dg.asset
def message(room: Room) -> None:
    """The message of another library as it is."""
    pl.read_csv(room.raw)["name"].cast(pl.Float64)


def run(step: str, *assets: dg.AssetsDefinition) -> None:
    """Materialise with a storage of its own, where what is printed goes as well."""
    kept = WORK / step
    kept.mkdir()
    with (kept / "printed").open("wb") as printed:
        os.dup2(printed.fileno(), 1)
        os.dup2(printed.fileno(), 2)
    room = Room(raw=f"{ROOM}/raw/orders.csv", masked=f"{ROOM}/masked/{step}.parquet")
    with dg.DagsterInstance.local_temp(str(kept)) as instance:
        done = dg.materialize(
            list(assets), instance=instance, resources={"room": room}, raise_on_error=False
        )
    (WORK / f"{step}.outcome").write_text(str(done.success))


furnish(ROOM)
run("good", masked_orders)
furnish(ROOM, bad=True)
run("bad", masked_orders)
furnish(ROOM)
run("returned", frame)
run("quoted", message)
