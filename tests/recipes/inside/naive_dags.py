"""DAGs that do what one must not do."""

import os

import polars as pl
from airflow.sdk import dag, task

RAW = os.environ["ORDERS_ROOM"] + "/raw/orders.csv"


@dag(schedule=None)
def returned() -> None:
    """Rows as the value of a task."""

    @task
    def rows() -> list[dict[str, object]]:
        return pl.read_csv(RAW).to_dicts()

    rows()


@dag(schedule=None)
def quoted() -> None:
    """The message of another library as it is."""

    @task
    def message() -> None:
        pl.read_csv(RAW)["name"].cast(pl.Float64)

    message()


DAGS = {"returned": returned(), "quoted": quoted()}
