# Two commands matter: `make demo` and `make test`. Both set everything up first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export UV_PYTHON_DOWNLOADS := never
# bytecode is kept in .venv, so that sources stay clean and no process compiles what another did
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo notebooks ipynb docs test lint bench mutants faults soak audit lock clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1	/' | expand -t 16

setup: $(READY)  ## the locked environment in .venv

$(READY): requirements.lock bootstrap.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "This python3 lacks ensurepip: install your system's python3-venv package and run make again."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement bootstrap.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)  ## a synthetic book through the whole pipeline
	@$(BIN)/receivables demo --home demo || test $$? -eq 2

notebooks: $(READY)  ## notebooks on the publication of RECEIVABLES_HOME (the demo's when unset), in a browser
	@$(BIN)/marimo edit notebooks

ipynb: $(READY)  ## the same notebooks for Jupyter, in dist/notebooks
	@mkdir -p dist/notebooks
	@for notebook in notebooks/*.py; do \
		$(BIN)/marimo --quiet export ipynb --force $$notebook -o dist/notebooks/$$(basename $$notebook .py).ipynb || exit 1; done

docs: $(READY)  ## the parts of the guide that code writes: tables, feeds, commands
	@$(BIN)/python -m pipelines.reference

test: $(READY) lint  ## every check and test
	@$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(READY)  ## style, types, imports and SQL
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/lint-imports --no-logo --no-cache > .lint-imports.log || { cat .lint-imports.log; exit 1; }
	@$(BIN)/pyright --warnings models > .pyright.log || { cat .pyright.log; exit 1; }
	@$(BIN)/sqlfluff lint --nocolor --processes 2 models checks > .sqlfluff.log || { cat .sqlfluff.log; exit 1; }

bench: $(READY)  ## heavy measurements, not part of the tests
	@$(BIN)/python -m tests.bench

mutants: $(READY)  ## the SQL of ageing, application and FX changed in one place at a time, judged by the tests
	@$(BIN)/python -m tests.mutants

faults: $(READY)  ## a night killed, or its disk failed, at every durable write: two nights for each of 84 cells
	@RECEIVABLES_WHOLE_KILL_MATRIX=yes $(BIN)/python -m pytest -n 2 tests/faults/test_kills.py

AUDIT := $(VENV)/audit

soak: $(READY)  ## 60 simulated nights on one home, with late, repeated, corrected and hostile files, and kills (400: NIGHTS=400)
	@$(BIN)/python -m tests.soak --nights $(or $(NIGHTS),60)

audit: $(READY)  ## the lock as a bill of materials (dist/sbom.cdx.json), and each package against the known vulnerabilities
	@test -x $(AUDIT)/bin/python || $(BIN)/uv venv --quiet $(AUDIT)
	@$(BIN)/uv pip install --quiet --python $(AUDIT)/bin/python --require-hashes --requirement audit.lock
	@mkdir -p dist
	@$(AUDIT)/bin/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible \
		--output-format JSON --output-file dist/sbom.cdx.json requirements.lock
	@$(AUDIT)/bin/python -m pip_audit --strict --require-hashes --disable-pip --requirement requirements.lock

LOCK := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	--no-header --python-version 3.11

lock: $(READY)  ## compile requirements.lock and audit.lock anew from pyproject.toml
	@$(BIN)/$(LOCK) --group dev --extra lightgbm --extra postgres --extra notebooks pyproject.toml \
		--output-file requirements.lock
	@$(BIN)/$(LOCK) --group audit --output-file audit.lock

clean:  ## everything that was made here
	@rm -rf $(VENV) demo .pytest_cache .ruff_cache .hypothesis .mutants.json .*.log
