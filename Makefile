# Needs nothing but Python >= 3.11 with venv and pip: everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tools that only read the code need no services of their own.
NO_SERVICES := DATABASE_URL=postgres://unused@127.0.0.1:1/unused REDIS_URL=redis://127.0.0.1:1/0

.DEFAULT_GOAL := help
.PHONY: help can-demo can-test demo test test-pages test-config test-stock test-orders lint openapi bench clean
# Tests that drive a browser, that kill workers, or that are of whole processes are the slow ones.
PAGES := tests/browser
CONFIG := tests/config tests/faults
ORDERS := tests/fulfillment tests/orders

help: ## Show what there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1\t\2/' | expand -t 16

# Before anything is installed: the browser of the tests; the port of the demo; room on the disk.
can-demo can-test:
	@PORT="$(PORT)" $(PYTHON) config/preflight.py $(@:can-%=%)

$(STAMP): requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the project needs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	@touch $@

demo: can-demo $(STAMP) ## Run the back office with demo data: http://127.0.0.1:8000 (PORT=..., RESET=1 starts over)
	@exec $(BIN)/python manage.py up $(if $(RESET),--reset)

test: can-test $(STAMP) ## Run the tests in four parts side by side, on databases and brokers of their own
	@$(MAKE) --no-print-directory --jobs=4 test-pages test-config test-stock test-orders

test-pages: $(STAMP)
	$(BIN)/python -m pytest -q --durations=10 $(PAGES)

test-config: $(STAMP)
	$(BIN)/python -m pytest -q --durations=10 $(CONFIG)

test-stock: $(STAMP)
	$(BIN)/python -m pytest -q --durations=10 $(addprefix --ignore=,$(PAGES) $(CONFIG) $(ORDERS))

test-orders: $(STAMP)
	$(BIN)/python -m pytest -q --durations=10 $(ORDERS)

lint: $(STAMP) ## Check style, types, imports and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(NO_SERVICES) $(BIN)/mypy .
	$(BIN)/lint-imports

openapi: $(STAMP) ## Describe the HTTP API in docs/openapi.yaml
	@$(NO_SERVICES) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

bench: $(STAMP) ## Measure; prints a table and writes benchmarks/results.jsonl
	$(BIN)/python -m benchmarks

clean: ## Stop local services; delete their data, the environment and every cache
	@test ! -x $(BIN)/python || $(BIN)/python manage.py services delete
	rm -rf $(VENV) var staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
