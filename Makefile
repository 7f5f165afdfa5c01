# Everything a developer runs. `make` alone lists the targets. A virtual environment is made where it is needed.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= auto

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.installed: pyproject.toml hatch_build.py
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cache-audit needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[dev]'
	@touch $@

.PHONY: venv
venv: $(VENV)/.installed ## Make the virtual environment, with the tool and all that its development needs

.PHONY: demo
demo: venv ## Audit the example apps: findings here, the whole audit in report.html and report.json
	@$(BIN)/cache-audit examples --output html=report.html --output json=report.json || [ $$? -eq 1 ]
	@echo "Open report.html in a browser."

.PHONY: test
test: venv ## Run the tests
	$(BIN)/python -m pytest -n $(WORKERS)

.PHONY: lint
lint: venv ## Style, format and the contracts between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

.PHONY: types
types: venv ## Check types
	$(BIN)/mypy

.PHONY: generated
generated: venv ## Check that generated files are up to date
	@if [ -f scripts/generate.py ]; then $(BIN)/python scripts/generate.py --check; fi

.PHONY: check
check: lint types generated test ## All of the above: what has to pass before a change goes in

.PHONY: format
format: venv ## Format the sources and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: docs
docs: venv ## Write the generated files anew
	$(BIN)/python scripts/generate.py

.PHONY: wheel
wheel: venv ## Build the source distribution and the wheel into dist/
	$(BIN)/python -m hatchling build -t sdist -t wheel -d dist

.PHONY: clean
clean: ## Remove what was built and cached
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache report.html report.json
