# Each target does the set-up it needs. `make` alone lists them.
PYTHON ?= $(or $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell \
	command -v $(name) >/dev/null 2>&1 && $(name) -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	>/dev/null 2>&1 && echo $(name)))),python3)
BIN := .venv/bin
READY := .venv/.ready
# Runs of `make run` stay in this folder.
export NTP_HOME ?= $(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help setup run test lint bench soak constraints

help:       ## list the targets
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(READY)  ## install everything into .venv and compile the engine
	@$(BIN)/python -m ntp.engine.warm

# uv installs in a tenth of the time; plain pip does the same where uv cannot be had.
$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "installing into .venv"
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt uv && \
	  $(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -c constraints.txt -b constraints.txt -e '.[dev]' || \
	  $(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

run: setup  ## backtest the maker on the embedded sample, ends with a table and report.html
	@$(BIN)/ntp backtest --strategy maker --data sample --report report.html

# Engines that ours is compared with live in an environment and in processes of their own.
ORACLES := benchmarks/.venv-peers/.oracles
$(ORACLES): $(READY) benchmarks/peers/__main__.py
	@echo "installing the engines that tests compare with"
	@$(BIN)/python -m benchmarks.peers oracles
	@touch $@

test: lint $(ORACLES)  ## run the checks and the tests
	@$(BIN)/pytest -q

lint: setup  ## run the linter, the types and the layers
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

# Each day draws other examples, and a seed of yesterday draws those of yesterday.
SEED ?= $(shell date -u +%Y%m%d)
soak: setup  ## draw a thousand examples for each property, other ones each day (SEED=20260101); slow tests
	@echo "seed $(SEED)"
	@$(BIN)/pytest -q -m hypothesis --hypothesis-profile=soak --hypothesis-seed=$(SEED)
	@$(BIN)/pytest -q -m slow

bench: setup  ## measure speed and memory
	@$(BIN)/python -m benchmarks.run

constraints: setup  ## pin the newest versions of all dependencies
	@$(BIN)/uv pip compile -q pyproject.toml --extra dev --universal --upgrade --no-header --no-annotate -o constraints.txt
