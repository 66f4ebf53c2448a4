# Needs nothing but Python >= 3.11 with venv and pip: everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tools that only read the code need no services of their own.
NO_SERVICES := DATABASE_URL=postgres://unused@127.0.0.1:1/unused REDIS_URL=redis://127.0.0.1:1/0

.DEFAULT_GOAL := help
.PHONY: help can-demo can-test demo test quick pure long lint docs site lock parts openapi reference pictures bench clean
# What takes longest begins first. A file stays with one worker: its tests share what they start.
PYTEST := $(BIN)/python -m pytest -q
WORKERS := -n auto --dist loadfile --no-loadscope-reorder
# The notice speaks of the years after 2027, and no warning may hide behind it.
MKDOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command "make lock"

help: ## Show what there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1\t\2/' | expand -t 16

# Before anything is installed: the browser of the tests; the port of the demo; room on the disk.
can-demo can-test:
	@PORT="$(PORT)" $(PYTHON) config/preflight.py $(@:can-%=%)

$(STAMP): requirements-dev.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the project needs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		-r requirements-dev.lock
	@touch $@

demo: can-demo $(STAMP) ## Run the back office with demo data: http://127.0.0.1:8000 (PORT=..., RESET=1 starts over)
	@exec $(BIN)/python manage.py up $(if $(RESET),--reset)

quick: $(STAMP) ## Check the source and run the pure tests, in a minute: after every change
	@$(MAKE) --no-print-directory --jobs=2 lint pure

pure: $(STAMP)
	$(NO_SERVICES) $(PYTEST) -m pure

test: can-test $(STAMP) ## Run all tests but the long ones, on all cores: before every push
	$(PYTEST) $(WORKERS) --durations=10

long: can-test $(STAMP) ## Run every test, write docs/long-run.md and simulated-year.md: before a release
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q $(WORKERS) --durations=25 -m "" -o junit_family=xunit1 --junitxml=var/long/results.xml
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage json --quiet -o var/long/coverage.json
	$(BIN)/python -m docs.long_run var/long/results.xml var/long/coverage.json
	$(BIN)/python -m docs.simulated_year var/long/results.xml

lint: $(STAMP) ## Check style, types, imports, migrations, translations and the documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(NO_SERVICES) $(BIN)/mypy .
	$(BIN)/lint-imports
	$(NO_SERVICES) $(BIN)/python -m tests.lints
	$(NO_SERVICES) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(MKDOCS) build --quiet

docs: $(STAMP) ## Build the documentation and serve it: http://127.0.0.1:8002 (PORT=...)
	@exec env $(MKDOCS) serve --dev-addr 127.0.0.1:$(or $(PORT),8002)

site: can-test $(STAMP) ## Build the documentation into var/site; pictures of changed pages are taken again there
	$(MKDOCS) build --quiet
	$(BIN)/python docs/screenshots.py --stale --into var/site/images

# What production runs on, and what development adds to it: the same versions in both.
lock: $(STAMP) ## Write both locks again after a change of requirements.in or requirements-dev.in
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) requirements.in --output-file requirements.lock
	$(COMPILE) requirements-dev.in --constraint requirements.lock --output-file requirements-dev.lock

parts: $(STAMP) ## Write the software bill of materials (var/sbom.json), ask for known faults of its packages
	@$(BIN)/python -m deploy.software_bill var/sbom.json
	@$(BIN)/python -m deploy.advisories

openapi: $(STAMP) ## Describe the HTTP API in docs/openapi.yaml
	@$(NO_SERVICES) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

reference: $(STAMP) ## Write docs/reference from the code
	@$(NO_SERVICES) $(BIN)/python -m docs.reference.generate

pictures: can-test $(STAMP) ## Take the pictures of the docs again from a demo of its own (NAMES=... takes some)
	$(BIN)/python docs/screenshots.py $(NAMES)

bench: $(STAMP) ## Measure; prints a table and writes benchmarks/results.jsonl
	$(BIN)/python -m benchmarks

clean: ## Stop local services; delete their data, the environment and every cache
	@test ! -x $(BIN)/python || $(BIN)/python manage.py services delete
	rm -rf $(VENV) var staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.*
