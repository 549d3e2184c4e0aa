# All tasks; `make help` lists them.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp
EXAMPLE := --source orchard --agency L0001 --period 2023-04 --extracted-on 2023-05-03

.DEFAULT_GOAL := help
.PHONY: help setup submission test test-unit coverage test-property test-reports test-mutation snapshots pictures test-backfill test-distributed test-faults test-intake test-fuzz check format docs site lock sbom audit bench bench-commit compare clean

help:  ## list the tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(STAMP): requirements-dev.txt requirements-site.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-site.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q flows schemas transforms  # as pip does with packages that are not editable
	@touch $(STAMP)

setup: $(STAMP)  ## create the environment in .venv, with packages pinned by hash

submission: $(STAMP)  ## land the example month and print its summary
	@$(BIN)/ndtms submit $(EXAMPLE) --orchestrate

PARALLEL := -n 2 --dist loadfile
test: $(STAMP)  ## run the tests, and check that they leave no processes or files behind
	@$(BIN)/python -m tests.support.session $(PARALLEL)

test-unit: $(STAMP)  ## run the tests that start no process, in less than a minute
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m unit

# Tests that kill processes or serve reach no line of this process that others do not.
NOT_MEASURED := --ignore tests/reliability --ignore tests/backfill/test_killed_backfill.py \
	--ignore tests/backfill/test_distributed.py --ignore tests/faults/test_02_interrupts.py
coverage: $(STAMP)  ## run the tests that neither kill nor serve, and fail where fewer lines and branches are reached
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not served" $(NOT_MEASURED) --cov --cov-report term

test-property: $(STAMP)  ## run the property tests with 2,000 examples each
	@NDTMS_EXAMPLES=2000 $(BIN)/python -m pytest tests/property

test-reports: $(STAMP)  ## compare every number of 65 generated reports and 50 boards with the audit
	@NDTMS_WORLDS=13 $(BIN)/python -m pytest -n 2 tests/flows/test_report_numbers.py tests/flows/test_board.py

test-mutation: $(STAMP)  ## negate every rule and check that a test fails
	@$(BIN)/python tests/mutation/run.py

snapshots: $(STAMP)  ## write what tests compare with: tests/snapshots, outputs in the pages, verdicts of the rules
	@$(BIN)/python -m tests.rules.verdicts
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/printed tests/flows/test_documented_queries.py --snapshot-update

pictures: $(STAMP)  ## take the pictures of the report and the board in docs/pictures (needs chromium)
	@$(BIN)/python -m tests.pages.pictures

test-backfill: $(STAMP)  ## backfill two years of twenty agencies, killed at twenty moments (15 minutes)
	@NDTMS_MOMENTS=20 $(BIN)/python -m pytest tests/backfill/test_killed_backfill.py
	@$(BIN)/python -m tests.backfill.national

test-distributed: $(STAMP)  ## backfill a year of forty agencies on Dask, with a worker killed half-way (minutes)
	@$(BIN)/python -m tests.backfill.national_distributed

test-faults: $(STAMP)  ## test kills, full disks, interrupts and thousands of damaged files (over an hour; needs root)
	@NDTMS_MOMENTS=20 $(BIN)/python -m pytest tests/reliability/test_killed_landing.py
	@NDTMS_MOMENTS=50 $(BIN)/python -m pytest tests/backup/test_killed_backup.py \
		tests/upgrade/test_killed_upgrade.py tests/retention/test_killed_forget.py
	@$(BIN)/python -m tests.reliability.full_disk 100 8000
	@$(BIN)/python -m tests.reliability.interrupted 60
	@$(BIN)/python -m tests.intake.mutants 2000

test-fuzz: $(STAMP)  ## try random inputs on each reader of foreign files and SQL, for NDTMS_FUZZ_SECONDS each (600)
	@$(BIN)/python -m tests.fuzz.run $(TARGETS)

CORPORA ?= ../shared/data/csv-corpora
test-intake: $(STAMP)  ## read awkward files and report each result (CORPORA=folder of CSV files)
	@NDTMS_EXAMPLES=2000 $(BIN)/python -m pytest tests/intake
	@test ! -d $(CORPORA) || $(BIN)/python -m tests.intake.corpora $(CORPORA)

check: $(STAMP)  ## check format, lint, types, import direction, generated pages, words, licences and the site
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m flows.reports.generate_docs --check
	@$(BIN)/python -m tests.architecture.check_words
	@$(MAKE) --no-print-directory sbom site

format: $(STAMP)  ## format the code and fix what the linter can fix
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(STAMP)  ## write the generated pages
	@$(BIN)/python -m flows.reports.generate_docs
	@$(BIN)/python -m tests.rules.printed_cases

# The site has the same folders as the project, so that every link between pages works in both.
PAGES := README.md GLOSSARY.md SECURITY.md CONTRIBUTING.md CHANGELOG.md LICENSE prefect.yaml deploy \
	data/SOURCES.md data/deployments.toml $(wildcard data/sources/*.toml) docs
BUILD := build
SITE := site
site: $(STAMP)  ## build the documentation site in site/, which also works without a web server
	@rm -rf $(BUILD)/pages && mkdir -p $(BUILD)/pages
	@cp --recursive --parents $(PAGES) $(BUILD)/pages
	@cp $(BUILD)/pages/docs/mkdocs.yml $(BUILD)/mkdocs.yml
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --config-file $(BUILD)/mkdocs.yml --site-dir $(abspath $(SITE))

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
# The extras that a site may need; the container installs them.
RUNTIME := --extra s3 --extra azure --extra sftp --extra postgresql --extra pdf --extra distributed --extra build
lock:  ## pin the newest allowed versions: requirements.txt to run, -dev to test, -site for the site (needs uv)
	@uv pip compile $(LOCK) --upgrade --extra dev --output-file requirements-dev.txt pyproject.toml
	@uv pip compile $(LOCK) --upgrade --constraints requirements-dev.txt --group site --output-file requirements-site.txt
	@uv pip compile $(LOCK) --constraints requirements-dev.txt $(RUNTIME) --output-file requirements.txt pyproject.toml

sbom: $(STAMP)  ## check the licences of requirements.txt and write build/sbom.json, a CycloneDX bill of materials
	@$(BIN)/python -m tests.supply.sbom $(BUILD)/sbom.json

audit: $(STAMP)  ## compare requirements.txt with advisories in the OSV format (FILE=list, ZIP or folder); no network
	@$(BIN)/python -m tests.supply.advisories $(FILE)

bench: $(STAMP)  ## measure time and memory next to their goals, and profile what misses its goal (an hour)
	@$(BIN)/python -m bench

bench-commit: $(STAMP)  ## compare time and memory with an earlier commit (REVISION=commit)
	@$(BIN)/python -m bench.compare_commits $(REVISION)

compare: $(STAMP)  ## write docs/performance.md: other validators on the same rows (ROWS=100000 only prints; many minutes)
	@$(BIN)/python -m bench.comparison.run $(ROWS)

clean:  ## remove the environment, the site and the caches of the tools (not the workspace)
	@rm -rf .venv build site .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
