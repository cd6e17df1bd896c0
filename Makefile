# make demo | test | test-browser | test-interop | check | bench | faults | lock | clean. ARGS goes to pytest.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile - pyproject.toml --quiet --universal --python-version 3.11 \
  --only-binary :all: --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
  --no-header $(UPGRADE)

.PHONY: help demo test test-browser test-interop check bench golden faults lock clean

help:
	@echo "make demo          three linked cities with content, at http://wien.localhost:8001"
	@echo "make test          all tests that need no browser"
	@echo "make test-browser  the pages in Debian's chromium"
	@echo "make test-interop  beside a server built with Fedify (needs npm)"
	@echo "make check         ruff and basedpyright"
	@echo "make bench         requests, deliveries, memory, each beside its limit"
	@echo "make faults        five cities, and what breaks (ARGS=--smoke for minutes, --long)"
	@echo "make lock          write the locks anew (UPGRADE=--upgrade takes newer versions)"
	@echo "make clean         remove what was installed and made; demo-data stays"

demo: .venv/installed
	@exec $(BIN)/stadtnetz demo

test: .venv/installed-dev
	$(BIN)/pytest -n auto -m "not browser and not interop" $(ARGS)

test-browser: .venv/installed-dev
	@command -v chromium >/dev/null || { echo \
	  "The browser tests need Debian's chromium: apt-get install chromium" >&2; exit 1; }
	$(BIN)/pytest -m browser $(ARGS)

# A server that is not ours, built with Fedify; its packages come by npm, and Node with them.
test-interop: .venv/installed-dev tests/interop/node_modules/.package-lock.json
	$(BIN)/pytest -m interop tests/interop $(ARGS)

tests/interop/node_modules/.package-lock.json: tests/interop/package-lock.json
	@command -v npm >/dev/null || { echo \
	  "The tests beside Fedify need npm: apt-get install nodejs npm" >&2; exit 1; }
	npm ci --prefix tests/interop --ignore-scripts --no-audit --no-fund
	@touch $@

check: .venv/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright

golden: .venv/installed-dev
	GOLDEN=1 $(BIN)/pytest -n0 tests/federation/contracts

bench: .venv/installed-dev
	$(BIN)/python -m tests.bench

faults: .venv/installed-dev
	$(BIN)/python -m tests.faults $(ARGS)

lock: .venv/installed-dev
	echo "setuptools>=80" | $(LOCK) --output-file requirements.lock
	echo "setuptools>=80" | $(LOCK) --extra dev --constraint requirements.lock \
	  --output-file requirements-dev.lock

clean:
	rm -rf .venv .test-postgres .hypothesis .ruff_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/made:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || { echo \
	  "Stadtnetz needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c "import venv, ensurepip" 2>/dev/null || { echo \
	  "Stadtnetz needs Python's venv: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv
	@touch $@

# What the tests need holds what the demo needs: after `make test` the demo installs nothing.
.venv/installed: requirements.lock pyproject.toml | .venv/made
	@if [ .venv/installed-dev -nt requirements.lock ] && [ .venv/installed-dev -nt pyproject.toml ]; \
	then touch $@; else $(MAKE) --no-print-directory LOCKED=requirements.lock .venv/now && touch $@; fi

.venv/installed-dev: requirements-dev.lock pyproject.toml | .venv/made
	@$(MAKE) --no-print-directory LOCKED=requirements-dev.lock .venv/now && touch $@

.PHONY: .venv/now
.venv/now:
	@echo "Installing $(LOCKED), about half a minute …"
	@$(INSTALL) --require-hashes --no-deps --only-binary :all: -r $(LOCKED)
	@PYTHONWARNINGS=ignore $(INSTALL) --no-deps --no-index --no-build-isolation --editable .
