#!/bin/sh
# dbt builds and tests the raw tables; the step after it masks them into a database of its own.
# What dbt prints, logs and compiles quotes rows where a model fails: all of it stays in raw/.
set -eu
cd "$(dirname "$0")"
mkdir -p masked
rm -f masked/new.duckdb # of a run that was killed
dbt build --profiles-dir . --log-path raw/logs --target-path raw/target > raw/printed 2>&1 ||
    { echo "dbt build failed: raw/printed says why" >&2; exit 1; }
anonymizer mask dataset.yaml --overwrite --manifest masked/shop.json
mv masked/new.duckdb masked/shop.duckdb # readers see yesterday's tables or today's
