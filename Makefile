# Two commands do all the set-up: `make demo` and `make test`. Only python3 and make are assumed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test lint types bench clean
.DEFAULT_GOAL := help
help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(VENV)/.run: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[all]'
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --constraint constraints.txt --group dev
	touch $@

demo: $(VENV)/.run ## the whole path on real purchases, into demo-output/
	$(BIN)/anonymizer demo demo-output

test: lint types ## lint, types and tests
	$(BIN)/pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

bench: $(VENV)/.dev ## make bench DATA=folder
	$(BIN)/python benchmarks/masking.py $(or $(OUT),/tmp)
	$(BIN)/python benchmarks/sequences.py $(DATA)

clean:
	rm -rf $(VENV) demo-output
