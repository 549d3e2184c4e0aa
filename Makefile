# Every task a person runs, each with one line of help: make help

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp
EXAMPLE := --source orchard --agency L0001 --period 2023-04 --extracted-on 2023-05-03

.DEFAULT_GOAL := help
.PHONY: help setup submission test test-unit coverage test-property test-mutation test-backfill test-distributed test-faults test-intake check format docs lock bench clean

help:  ## list the tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(STAMP): requirements-dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

setup: $(STAMP)  ## make the environment in .venv, pinned with hashes

submission: $(STAMP)  ## land the example month and print its summary
	@$(BIN)/ndtms submit $(EXAMPLE) --orchestrate

test: $(STAMP)  ## run the tests, and look for processes and files that they left behind
	@$(BIN)/python -m tests.support.session -n 2 --dist loadfile

test-unit: $(STAMP)  ## run the tests that start no process, in less than a minute
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m unit

# Tests that kill processes or serve reach no line of this process that others do not.
NOT_MEASURED := --ignore tests/reliability --ignore tests/backfill/test_killed_backfill.py \
	--ignore tests/backfill/test_distributed.py --ignore tests/faults/test_02_interrupts.py
coverage: $(STAMP)  ## run the tests that neither kill nor serve, and fail where fewer lines and branches are reached
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not served" $(NOT_MEASURED) --cov --cov-report term

test-property: $(STAMP)  ## run the property tests with 2,000 examples each
	@NDTMS_EXAMPLES=2000 $(BIN)/python -m pytest tests/property

test-mutation: $(STAMP)  ## negate every rule and see that a test notices
	@$(BIN)/python tests/mutation/run.py

test-backfill: $(STAMP)  ## two years of twenty agencies, killed at twenty moments (a quarter of an hour)
	@NDTMS_MOMENTS=20 $(BIN)/python -m pytest tests/backfill/test_killed_backfill.py
	@$(BIN)/python -m tests.backfill.national

test-distributed: $(STAMP)  ## a year of forty agencies on a Dask cluster, a worker killed half-way (some minutes)
	@$(BIN)/python -m tests.backfill.national_distributed

test-faults: $(STAMP)  ## full disks, interrupts and damaged files by the thousand (an hour; needs root)
	@$(BIN)/python -m tests.reliability.full_disk 100 8000
	@$(BIN)/python -m tests.reliability.interrupted 60
	@$(BIN)/python -m tests.intake.mutants 2000

CORPORA ?= ../shared/data/csv-corpora
test-intake: $(STAMP)  ## awkward files through the door: CORPORA=folder of them, and what becomes of each
	@NDTMS_EXAMPLES=2000 $(BIN)/python -m pytest tests/intake
	@test ! -d $(CORPORA) || $(BIN)/python -m tests.intake.corpora $(CORPORA)

check: $(STAMP)  ## format, lint, types, import direction, generated files current, words
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m flows.reports.generate_docs --check
	@$(BIN)/python -m tests.architecture.check_words

format: $(STAMP)  ## format the code and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(STAMP)  ## write the generated pages again
	@$(BIN)/python -m flows.reports.generate_docs

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
# What a site may need, as the container has it.
RUNTIME := --extra s3 --extra azure --extra sftp --extra postgresql --extra distributed --extra build
lock:  ## pin the newest versions the ranges allow: requirements.txt to run, requirements-dev.txt to test (needs uv)
	@uv pip compile $(LOCK) --upgrade --extra dev --output-file requirements-dev.txt pyproject.toml
	@uv pip compile $(LOCK) --constraints requirements-dev.txt $(RUNTIME) --output-file requirements.txt pyproject.toml

bench: $(STAMP)  ## time and memory compared with the floor, as ratios measured side by side (several minutes)
	@$(BIN)/python -m bench.look_up
	@$(BIN)/python -m bench.run
	@$(BIN)/python -m bench.distributed

clean:  ## remove the environment and what the tools leave (not the workspace)
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
