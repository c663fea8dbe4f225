"""Airflow: a task that masks a file, and one that goes on with it. A path passes between them.

What a task returns is an XCom in the metadata database, its arguments are kept there as rendered
fields, and messages of errors stand in its log. So a task returns a path and a count, and takes no
key: the connection `anonymizer` holds it as a password, which Airflow strikes out in logs.
"""

import os
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from airflow.sdk import BaseHook, dag, task
from airflow.sdk.exceptions import AirflowFailException

from anonymizer import PrivacyWarning, UsageError, mask_file

ROOM = os.environ.get("ORDERS_ROOM", "/srv/orders")
RULES = Path(__file__).with_name("orders.yaml")


def secret() -> str:
    """The key, out of the secrets backend, when it is needed."""
    return BaseHook.get_connection("anonymizer").password or ""


@task(retries=3)
def mask_orders(raw: str, masked: str) -> dict[str, Any]:
    """Mask the feed; return where it is and how many rows it has."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PrivacyWarning)  # nothing is written where one is new
            record = mask_file(raw, masked, RULES, key=secret, overwrite=True)
    except (UsageError, PrivacyWarning) as error:  # fails again when it is tried again
        raise AirflowFailException(str(error)) from None
    return {"path": masked, "rows": record.rows, "key_id": record.key_id}


@task
def count_articles(masked: dict[str, Any]) -> int:
    """Go on with the masked file; return a number."""
    return pl.scan_parquet(masked["path"]).select(pl.col("article").n_unique()).collect().item()


@dag(schedule="@daily", start_date=datetime(2026, 1, 1, tzinfo=UTC), catchup=False)
def nightly_orders() -> None:
    """From the feed of the night to what may be handed on."""
    count_articles(mask_orders(f"{ROOM}/raw/orders.csv", f"{ROOM}/masked/orders.parquet"))


nightly = nightly_orders()
