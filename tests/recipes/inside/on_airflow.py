"""Where Airflow is: the DAG on good and on bad orders, then what one must not do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from room import KEY, RECIPES, furnish

WORK, HERE = Path(sys.argv[1]), Path(__file__).parent
HOME, ROOM = WORK / "home", WORK / "room"
os.environ |= {
    "AIRFLOW_HOME": str(HOME),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW_CONN_ANONYMIZER": f'{{"conn_type": "generic", "password": "{KEY}"}}',
    "ORDERS_ROOM": str(ROOM),
}
DAGS = HOME / "dags"
DAGS.mkdir(parents=True)
for file in (RECIPES / "airflow_dag.py", RECIPES / "orders.yaml", HERE / "naive_dags.py"):
    shutil.copy(file, DAGS)
sys.path.insert(0, str(DAGS))
subprocess.run([Path(sys.executable).with_name("airflow"), "db", "migrate"], check=True)

from airflow.sdk import DAG
from airflow_dag import nightly
from naive_dags import DAGS as NAIVE


def run(step: str, flow: DAG) -> None:
    """Run the DAG; keep what is printed, and all that Airflow has by then."""
    kept = WORK / step
    kept.mkdir()
    with (kept / "printed").open("wb") as printed:
        os.dup2(printed.fileno(), 1)
        os.dup2(printed.fileno(), 2)
    state = flow.test().state
    shutil.copytree(HOME, kept / "home")
    (WORK / f"{step}.outcome").write_text(state)


furnish(ROOM)
run("good", nightly)
furnish(ROOM, bad=True)
run("bad", nightly)
furnish(ROOM)
run("quoted", NAIVE["quoted"])
run("returned", NAIVE["returned"])
