# Two commands: `make run` and `make test`. Both prepare .venv from the lock files first, which a second time takes no time.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
PYTEST_WORKERS ?= auto
TESTS ?= tests
SOURCES := app domain projections migrations tests
UV_COMPILE = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' --quiet

.PHONY: run install install-dev test check bench lock clean

run: install ## Serve on 127.0.0.1:8000 with demo data
	$(BIN)/conveyor serve --demo

install: .venv/.runtime ## The environment in .venv, with the command `conveyor`

install-dev: .venv/.development

test: install-dev ## All tests, against an embedded PostgreSQL
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) $(TESTS)

check: install-dev ## Lint, format, types and the architecture
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/basedpyright
	$(BIN)/python -m pytest -q tests/test_architecture.py

bench: install-dev ## The benchmarks' table; takes several minutes
	$(BIN)/conveyor bench

lock: install-dev ## Resolve the dependencies anew
	$(BIN)/python -m pip install --quiet uv
	$(UV_COMPILE) --group build -o requirements.lock
	$(UV_COMPILE) --group build --group dev -o requirements-dev.lock

clean: ## Remove what the other targets made; data folders stay
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis

.venv/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it with PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/.runtime: .venv/pyvenv.cfg requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.development: .venv/.runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
