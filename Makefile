# Two commands: `make run` and `make test`. They need Python 3.11 or newer, and make.

.DEFAULT_GOAL := help
BIN := .venv/bin
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11 python
ifndef PYTHON
PYTHON := $(shell for p in $(PYTHONS); do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
endif
LOCK = uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11

.PHONY: help setup run test e2e screenshots bench check format docs build lock clean

help: ## What there is to do
	@awk -F':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: python ## Packages and browser files for serving
	@$(PYTHON) tools/bootstrap.py run

.PHONY: develop
develop: python
	@$(PYTHON) tools/bootstrap.py dev

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found. On Debian: apt-get install python3 python3-venv"; exit 1; }

run: setup ## Serve the portal with something to look at; make run PORT=8123
	@$(BIN)/fastor db upgrade
	@$(BIN)/fastor seed
	@exec $(BIN)/fastor run $(if $(PORT),--port $(PORT)) $(if $(HOST),--host $(HOST))

test: develop ## All tests; make test ARGS="-k reorder"
	@$(PYTHON) tools/bootstrap.py browser
	@$(BIN)/python -m pytest -n 2 --dist loadfile --ignore=tests/e2e $(ARGS) || test $$? = 5
	@$(BIN)/python -m pytest tests/e2e $(ARGS) || test $$? = 5

e2e: develop ## The browser tests alone
	@$(PYTHON) tools/bootstrap.py browser
	@$(BIN)/python -m pytest tests/e2e $(ARGS)

screenshots: develop ## Take the pictures of docs/images anew
	@$(PYTHON) tools/bootstrap.py browser
	@$(BIN)/python tools/screenshots.py $(ARGS)

bench: develop ## Measure pages on ten thousand and a million rows
	@$(BIN)/python -m bench $(ARGS)

check: develop ## Format, lint, types, and which way imports go
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: develop ## Put the sources into their format
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

docs: develop ## Generated pages up to date, links unbroken; make docs ARGS=--write
	@$(BIN)/python tools/docs.py $(ARGS)

build: develop ## Wheel and source package into dist/
	@rm -rf dist
	@$(BIN)/python -m hatchling build

lock: develop ## Choose package versions anew
	@$(BIN)/python -m $(LOCK) --upgrade pyproject.toml --extra mysql --extra postgres --group build -o requirements/run.txt
	@$(BIN)/python -m $(LOCK) --upgrade pyproject.toml --extra mysql --extra postgres --extra uvicorn --group build --group dev -c requirements/run.txt -o requirements/dev.txt
	@$(BIN)/python -m $(LOCK) --upgrade --group node -o requirements/node.txt
	@$(BIN)/python -m $(LOCK) --upgrade --group uv -o requirements/uv.txt

clean: ## Remove what setup and tests made; the data in var/ stays
	@rm -rf .venv dist node_modules portal/static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
