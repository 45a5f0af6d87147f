# The commands of this repository. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-spark test-postgres browser-tools check fix bench docs clean
MAKEFLAGS += --no-print-directory

SERVE ?= 1
DEMO_ARGS ?=
PYTEST_ARGS ?=
ONLY ?=
PORT ?= 8000

# uv from the machine, or one of our own in ./.uv (see the rule at the end).
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)

# The Python that is here, where it is new enough; otherwise uv finds or fetches the one that
# .python-version names.
ifndef UV_PYTHON
HERE := $(shell python3 -c "import sys; v = sys.version_info; print('%d.%d' % v[:2] if v >= (3, 11) else '')" 2>/dev/null)
ifneq ($(HERE),)
export UV_PYTHON := $(HERE)
endif
endif

# --inexact leaves installed what another command needed, so that they do not undo each other.
SYNC := $(UV) sync --locked --inexact --quiet
RUN := $(UV) run --no-sync --quiet
DEVELOP := --extra demo --extra models --extra web

# Asked only where it matters: starting Java takes a moment.
JAVA = $(shell java -version >/dev/null 2>&1 && echo yes)
CHROMIUM = $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || command -v chrome)

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: $(UV) ## load real data and a simulated market, publish both, and open the workspace on them (SERVE=0: all but that; PORT=8000; DEMO_ARGS="...")
	@$(SYNC) --no-dev --extra demo --extra web
	@$(RUN) offtake demo $(DEMO_ARGS)
	@$(RUN) python -m offtake_web demo --folder demo --port $(PORT) $(if $(filter 0,$(SERVE)),--no-serve)

test: $(UV) browser-tools ## run the tests of every day; says loudly what this machine cannot run
	@$(SYNC) $(DEVELOP)
	@echo "Left out here: make test-spark (the second engine), make test-slow (full data)."
	@$(RUN) pytest -q -n 2 -m "not spark and not slow" $(PYTEST_ARGS)

test-slow: $(UV) ## run the tests on the full Complete Journey data and on millions of rows
	@$(SYNC) $(DEVELOP)
	@$(RUN) pytest -q -m "slow and not spark" $(PYTEST_ARGS)

test-spark: $(UV) ## run the tests of the second engine (needs Java 17 or newer)
	@$(if $(JAVA),:,echo "make test-spark needs Java 17 or newer on the PATH" >&2; exit 1)
	@$(SYNC) $(DEVELOP) --extra spark
	@$(RUN) pytest -q -m spark $(PYTEST_ARGS)

test-postgres: $(UV) ## run the tests of the workspace on PostgreSQL (installs one where apt-get and root allow it)
	@$(SYNC) $(DEVELOP) --extra postgres
	@$(RUN) python -m tests.postgres -q -m "not browser and not spark" tests/web $(PYTEST_ARGS)

browser-tools: ## install Chromium for the browser tests, where apt-get and root allow it
	@if [ -n "$(CHROMIUM)" ]; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing Chromium for the browser tests (apt-get)."; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 \
			|| echo "Chromium could not be installed: browser tests will be skipped."; \
	else \
		echo "Chromium is absent and cannot be installed from here: browser tests will be skipped."; \
	fi

check: $(UV) ## lint, formatting, types and the order of layers
	@$(SYNC) $(DEVELOP)
	@$(RUN) ruff check
	@$(RUN) ruff format --check
	@$(RUN) mypy
	@$(RUN) lint-imports --no-logo

fix: $(UV) ## repair what the linter can repair, and format
	@$(SYNC) $(DEVELOP)
	@$(RUN) ruff check --fix --quiet
	@$(RUN) ruff format

bench: $(UV) ## run the benchmarks (ONLY=name for one)
	@$(SYNC) $(DEVELOP) --group bench
	@$(RUN) python -m benchmarks $(ONLY)

docs: $(UV) ## build the reference documentation
	@$(SYNC) $(DEVELOP)
	@$(RUN) python -m docs.build

clean: ## remove what the commands wrote, but not the environments (.venv, .uv)
	@rm -rf build dist demo site staticfiles benchmarks/results spark-warehouse
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# Nothing is written outside the repository. A Python without ensurepip cannot fill a virtual
# environment: then its own pip, or pipx, puts uv into the same folder.
.uv/bin/uv:
	@echo "uv is not installed: putting it into ./.uv"
	@rm -rf .uv
	@{ python3 -m venv .uv && .uv/bin/python -m pip install --quiet uv; } >/dev/null 2>&1 \
	|| { rm -rf .uv && python3 -m pip install --quiet --target .uv uv; } >/dev/null 2>&1 \
	|| { rm -rf .uv && PIPX_HOME="$$PWD/.uv/pipx" PIPX_BIN_DIR="$$PWD/.uv/bin" pipx install uv; } >/dev/null 2>&1 \
	|| true
	@if ! .uv/bin/uv --version >/dev/null 2>&1; then \
		rm -rf .uv; \
		echo "uv could not be installed: python3 with venv, pip or pipx is needed (3.11 or newer)," >&2; \
		echo "or uv itself on the PATH; and a package index that can be reached." >&2; \
		exit 1; \
	fi
