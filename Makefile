# Two commands do all the set-up: `make demo` and `make test`. Only python3 and make are assumed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help demo test coverage wheel site lint types browser java postgresql azurite bench clean
.DEFAULT_GOAL := help
help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

# The version stands in the package, and an installed one has to know it.
$(VENV)/.run: pyproject.toml constraints.txt anonymizer/__init__.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[sequences,report]'
	touch $@

# By uv, which takes half the time; torch is there by then, in the build that pip finds.
$(VENV)/.dev: $(VENV)/.run
	$(BIN)/pip install --quiet 'uv>=0.11,<1'
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[delta,duckdb,federated,geo,iceberg,postgresql,privacy,spark,tune]' --group dev
	touch $@

# An environment for each orchestrator, since their pins clash; uv makes one in seconds.
RECIPES := $(patsubst tests/recipes/pins/%.txt,$(VENV)/recipes/%/.made,$(wildcard tests/recipes/pins/*.txt))
$(VENV)/recipes/%/.made: tests/recipes/pins/%.txt $(VENV)/.dev
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/recipes/$*
	$(BIN)/uv pip install --quiet --python $(VENV)/recipes/$* --requirement $< --editable .
	touch $@

demo: $(VENV)/.run ## the whole path on real purchases, into demo-output/
	$(BIN)/anonymizer demo demo-output

# A process per core, each with one thread: small models gain nothing from a second one. More
# processes take longer, though some tests wait for servers. Files keep their order: the ones with few
# tests, which would come last, are those that take longest.
test: lint types browser java postgresql azurite $(RECIPES) ## lint, types and tests
	OMP_NUM_THREADS=1 POLARS_MAX_THREADS=1 $(BIN)/pytest --numprocesses auto --dist loadfile \
	--no-loadscope-reorder

coverage: $(VENV)/.dev browser java postgresql azurite $(RECIPES) ## what the tests run of the package, and the lines they do not
	OMP_NUM_THREADS=1 POLARS_MAX_THREADS=1 $(BIN)/pytest --numprocesses auto --dist loadfile \
	--cov --cov-report=term

wheel: $(VENV)/.dev ## sdist and wheel into dist/, what is in them, and the wheel tried without extras
	rm -rf dist
	$(BIN)/python -m build --installer uv --outdir dist .
	$(BIN)/python scripts/check_package.py dist

# The report's page is tested in Chromium, which is installed where that is possible.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y chromium >/dev/null; } || \
	echo "Chromium is not installed: the page tests will be skipped" >&2

# Spark runs on Java, which is installed where that is possible; after the browser, as apt bears
# nobody beside it.
java: | browser
	@command -v java >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && apt-get -qq update && \
	apt-get -qq install -y default-jre-headless >/dev/null; } || \
	echo "Java is not installed: the Spark tests will be skipped" >&2

# Debian keeps the server's programs off the path.
postgresql: | java
	@command -v pg_ctl >/dev/null || ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 || \
	{ [ "$$(id -u)" = 0 ] && apt-get -qq update && \
	apt-get -qq install -y postgresql >/dev/null; } || \
	echo "PostgreSQL is not installed: the tests of its store will be skipped" >&2

# A server of Azure's blobs, on Node.
azurite: $(VENV)/.dev | postgresql
	@command -v npm >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y npm >/dev/null; } || true
	@[ -d $(VENV)/azurite ] || npm install --silent --prefix $(VENV)/azurite azurite@3 || \
	echo "Azurite is not installed: the tests with Azure's addresses will be skipped" >&2

site: $(VENV)/.dev ## the documentation as a site, into site/; the tests build it too
	$(BIN)/python -m scripts.site.build site

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

bench: $(VENV)/.dev ## make bench DATA=folder
	$(BIN)/python benchmarks/masking.py $(or $(OUT),/tmp)
	$(BIN)/python benchmarks/tokens.py
	$(BIN)/python benchmarks/regions.py $(DATA)
	$(BIN)/python -m benchmarks.free_text $(DATA)
	$(BIN)/python benchmarks/anonymity.py
	$(BIN)/python benchmarks/inspection.py $(DATA)
	$(BIN)/python benchmarks/unicity.py $(DATA)
	$(BIN)/python benchmarks/sequences.py $(DATA)
	$(BIN)/python benchmarks/habits.py

clean:
	rm -rf $(VENV) demo-output examples-output dist site
