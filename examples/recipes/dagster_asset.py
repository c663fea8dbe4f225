"""Dagster: an asset that is a masked file. Dagster keeps where it is and what was counted.

Dagster pickles what an asset returns, and writes metadata, what is printed and the messages of
errors into its own storage. So the asset returns no frame. The key is in the environment of the
run, as `ANONYMIZER_KEY`, and not in its configuration.
"""

import warnings
from pathlib import Path

import dagster as dg

from anonymizer import PrivacyWarning, UsageError, mask_file

RULES = Path(__file__).with_name("orders.yaml")


class Room(dg.ConfigurableResource):
    """Where the raw file is, and where the masked one goes."""

    raw: str
    masked: str


@dg.asset
def masked_orders(room: Room) -> dg.MaterializeResult:
    """The orders, without the customers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PrivacyWarning)  # nothing is written where one is new
            record = mask_file(room.raw, room.masked, RULES, overwrite=True)
    except (UsageError, PrivacyWarning) as error:  # fails again when it is tried again
        raise dg.Failure(str(error), allow_retries=False) from None
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(room.masked),
            "dagster/row_count": record.rows,
            "key_id": record.key_id,
            "notes": record.notes,
        }
    )


defs = dg.Definitions(
    assets=[masked_orders],
    resources={"room": Room(raw=dg.EnvVar("ORDERS_RAW"), masked=dg.EnvVar("ORDERS_MASKED"))},
)
