"""dbt builds raw tables, the step after it masks them; what quotes rows stays in the raw room."""

import shutil
from pathlib import Path

import duckdb

from tests.recipes.programs import environment, run
from tests.recipes.room import RECIPES, furnish, traces


def test_tables_are_built_and_then_masked(tmp_path: Path) -> None:
    """Night after night; where a model fails, the masked tables are those of the night before."""
    project = tmp_path / "dbt"
    shutil.copytree(RECIPES / "dbt", project)
    programs = environment("dbt")
    furnish(project)
    for _night in range(2):
        done = run(project / "build.sh", programs=programs)
        assert done.returncode == 0, done.stderr
    furnish(project, bad=True)
    failed = run(project / "build.sh", programs=programs)
    assert (failed.returncode, failed.stderr) == (1, "dbt build failed: raw/printed says why\n")
    assert "Wumpelstein in run_results.json" in traces(project / "raw")
    printed = tmp_path / "printed"
    printed.write_text(done.stdout + done.stderr)
    assert traces(project / "masked", printed) == set()
    assert [file.name for file in (project / "masked").glob("*.duckdb")] == ["shop.duckdb"]
    with duckdb.connect(project / "masked" / "shop.duckdb", read_only=True) as masked:
        joined = masked.sql("select count(*) from orders join customers using (customer_id)")
        assert joined.fetchall() == [(400,)]
