# Everything runs in .venv, which the targets build when they need it and leave alone afterwards.
# Choose another interpreter with `make PYTHON=/path/to/python test`.

VENV := .venv
BIN := $(VENV)/bin

# The newest Python that really runs (a name on the path may be an empty shim) and can make environments.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $$python && break; done)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Other frameworks, each in an environment of its own: what is installed there.
PEERS := kinto django fastapi
PEER_kinto := kinto[postgresql]
PEER_django := djangorestframework psycopg[binary]
PEER_fastapi := fastapi sqlalchemy[asyncio] asyncpg

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Two installations into one environment must not overlap, not even with -j.
.NOTPARALLEL:

.PHONY: help serve serve-fxa test lint types layers docs bench bench-http bench-peers bench-memory bench-watching bench-growth clean build

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

serve serve-fxa: ENVIRONMENT := PYTHONPATH=. PYTHONWARNINGS="ignore:pkg_resources is deprecated as an API:UserWarning"
serve: $(VENV)/.installed-serve  ## run the example on http://127.0.0.1:8888/v1/ until Ctrl-C
	@$(BIN)/python -c 'import socket; socket.create_server(("127.0.0.1", 8888)).close()' 2>/dev/null || { \
		echo "Port 8888 is taken by another program: stop it first."; exit 1; }
	@$(ENVIRONMENT) $(BIN)/python -m cliquet_like migrate --ini example.ini
	@echo
	@echo "Serving on http://127.0.0.1:8888/v1/ (Ctrl-C stops). Try, in another terminal:"
	@echo
	@echo "    curl -u ada:secret http://127.0.0.1:8888/v1/bookmarks"
	@echo
	@$(ENVIRONMENT) exec $(BIN)/pserve example.ini --reload

serve-fxa: $(VENV)/.installed-serve,fxa  ## run the example with a page to sign in, and a stand-in for Firefox Accounts
	@$(ENVIRONMENT) exec $(BIN)/python -m example.fxa

# More workers than two processors: many tests wait for a server or for another process.
test: $(VENV)/.installed-test  ## run every test with coverage
	$(BIN)/python -m pytest -n 3 --cov --cov-report=term-missing:skip-covered

lint: $(VENV)/.installed-dev  ## check style and complexity
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev  ## check types, strictly
	$(BIN)/mypy

layers: $(VENV)/.installed-dev  ## check that imports go down only
	$(BIN)/lint-imports --no-logo

docs: $(VENV)/.installed-dev  ## build the documentation into docs/_build/html
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

# More for a benchmark: make bench BENCH_OPTIONS="--rounds 9 --output table.md".
BENCH_OPTIONS ?=

bench: $(VENV)/.installed-dev  ## compare with the same service by hand, in process (two minutes)
	$(BIN)/python -m benchmarks $(BENCH_OPTIONS)

bench-http: $(VENV)/.installed-dev  ## the same over HTTP, with more and more clients (four minutes)
	$(BIN)/python -m benchmarks.over_http $(BENCH_OPTIONS)

bench-peers: $(VENV)/.installed-dev $(PEERS:%=.venv-bench/%/.installed)  ## and with other frameworks (five minutes)
	$(BIN)/python -m benchmarks --peers --rounds 5 --seconds 0.1 $(BENCH_OPTIONS)

bench-memory: $(VENV)/.installed-dev  ## memory after many requests, time of the import (three minutes)
	$(BIN)/python -m benchmarks.footprint $(BENCH_OPTIONS)

bench-watching: $(VENV)/.installed-dev  ## what logs and metrics add to a request (half a minute)
	$(BIN)/python -m benchmarks.watching $(BENCH_OPTIONS)

bench-growth: $(VENV)/.installed-dev  ## measure storages with a thousand to a million records (five minutes)
	$(BIN)/python -m benchmarks.growth

build: $(VENV)/.created  ## build the wheel into dist
	rm -rf build dist
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

clean:  ## remove what the other targets made, except what you stored with serve
	rm -rf $(VENV) .venv-bench .tox build dist docs/_build *.egg-info
	rm -rf .coverage .coverage.* coverage.xml
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@test ! -e bookmarks.db || echo "bookmarks.db has what you stored in the example: 'rm bookmarks.db*' removes it."

# An environment that works is kept as it is; a half-made or broken one is made again.
$(VENV)/.created:
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.prefix == sys.base_prefix)' >/dev/null 2>&1 || { \
		test -n "$(PYTHON)" || { \
			echo "Python 3.11 or newer with venv is needed: install it, or give its path as PYTHON=..."; \
			exit 1; }; \
		echo "Creating $(VENV) with $(PYTHON)"; \
		$(PYTHON) -m venv --clear $(VENV); }
	@touch $@

# One stamp per extra: nothing is installed again until the dependencies or the tools change.
$(VENV)/.installed-%: setup.py pyproject.toml | $(VENV)/.created
	@echo "Installing cliquet_like with its extra [$*] into $(VENV)"
	$(BIN)/python -m pip install --editable '.[$*]'
	@touch $@

.venv-bench/%/.installed: Makefile
	$(PYTHON) -m venv --clear .venv-bench/$*
	echo '*' > .venv-bench/.gitignore
	.venv-bench/$*/bin/python -m pip install $(PEER_$*:%='%')
	@touch $@
