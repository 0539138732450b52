# Works with GNU make 3.81 or newer on Debian and macOS. Everything is installed into .venv and nowhere else.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve install check test format lint types imports fast slow bench quarter n8n-package acceptance-n8n clean

# What one process has compiled, the next ones read.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest --quiet
# Draws the same examples again; any other number draws others: make test SEED=7
SEED ?= 20260302
# In the large store of the bench: make bench EVENTS=1000000
EVENTS ?= 100000
# Another n8n than the one that is tried always: make acceptance-n8n N8N=2.8.4
N8N ?=
# The first Python on the path that is new enough.
PYTHON = $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$each" && break; done)

help: ## Print what there is to make.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.milepost ## See it: a fortnight of a helpdesk, then a server to try.
	@$(BIN)/milepost demo

serve: $(VENV)/.milepost ## Start the server; it needs no settings.
	@$(BIN)/milepost serve

install: $(VENV)/.dev ## Install Milepost and its development tools into .venv.

check: format lint types imports fast ## Before every commit: format, lint, types, imports, fast tests.

test: format lint types imports fast slow ## Everything. What a machine cannot run is named as SKIPPED, with the reason.
	@echo "Every tier ran: format, lint, types, imports, fast and slow tests. What was left out is named as SKIPPED above."

format: $(VENV)/.dev ## Check the format of the code.
	@$(BIN)/ruff format --check --quiet .

lint: $(VENV)/.dev ## Run the linter.
	@$(BIN)/ruff check --quiet .

types: $(VENV)/.dev ## Check the types.
	@$(BIN)/mypy

imports: $(VENV)/.dev ## Check who imports whom.
	@$(BIN)/lint-imports

fast: $(VENV)/.dev ## Run the tests that take less than a second each.
	@$(PYTEST) -m "not slow" -n 2 --hypothesis-seed=$(SEED)

slow: $(VENV)/.dev ## Run the tests that start processes, kill them, or take long.
	@echo "Drawing examples with SEED=$(SEED)."
	@$(PYTEST) -m slow -n 2 --dist loadfile --no-loadscope-reorder --hypothesis-seed=$(SEED) --durations=15

bench: $(VENV)/.dev ## Measure how fast it is, and write docs/reference/performance.md; takes some minutes.
	-@$(PIP) install --requirement tests/bench/requirements.txt
	@$(BIN)/python -m tests.bench --events $(EVENTS)

quarter: $(VENV)/.dev ## Live through a quarter of a service desk, and write docs/explanation/messages-in-a-quarter.md; takes some minutes.
	@$(BIN)/python -m tests.quarter

n8n-package: ## Build the nodes for n8n, and say how to put them into yours.
	@$(PYTHON) -m tests.packs.n8n_package

acceptance-n8n: $(VENV)/.dev ## Try the nodes and the recipes' workflows in a real n8n; it is installed the first time. N8N=2.8.4 tries another.
	@N8N=$(N8N) $(PYTEST) -m slow tests/packs/test_real_n8n.py --durations=5

clean: ## Remove .venv, caches and the demo; your data stays.
	rm -rf n8n_nodes/dist n8n_nodes/test/node_modules zapier_app/node_modules
	rm -rf $(VENV) .milepost .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find server tests -type d -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.milepost: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Milepost needs Python 3.11 or newer. Install it, then try again." >&2; exit 1; }
	@echo "Installing into $(VENV); this takes a minute the first time."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "On Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PIP) install --upgrade "pip>=25.1"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.milepost
	@$(PIP) install --group dev
	@touch $@
