# Every target needs only Python 3.11 or newer, pip and make: the environment in .venv is made on
# first use and renewed when pyproject.toml changes. Another interpreter gets an environment of its
# own (PYTHON=python3.12 make test); arguments pass through ARGS (make train ARGS="--steps 600").

PYTHON ?= python3
VENV := $(if $(filter file,$(origin PYTHON)),.venv,.venv-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
ARGS ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help train test slow check bench docs clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

train: $(VENV)/run ## train the book's network on MNIST
	@$(BIN)/gradatim train $(ARGS)

# A process for each processor, each of one thread; ARGS="-n 0" for one, and for a debugger.
test: $(VENV)/dev ## run the tests, but for the slow ones
	@OPENBLAS_NUM_THREADS=$${OPENBLAS_NUM_THREADS:-1} $(BIN)/python -m pytest -n auto $(ARGS)

slow: $(VENV)/dev ## run the slow tests
	@OPENBLAS_NUM_THREADS=$${OPENBLAS_NUM_THREADS:-1} $(BIN)/python -m pytest -n auto -m slow $(ARGS)

check: $(VENV)/dev ## format, lint, types and the laws of the house
	@$(BIN)/ruff format --check --quiet . || { echo 'Try: $(BIN)/ruff format .' >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m pytest --quiet tests/house $(ARGS)

bench: $(VENV)/bench ## run every benchmark beside the peers that are installed
	@for file in benchmarks/*.py; do \
	  [ -f "$$file" ] || continue; echo "== $$file"; $(BIN)/python "$$file" $(ARGS) || exit 1; done

docs: $(VENV)/dev ## run the examples and follow the links of every page
	@$(BIN)/python -m pytest --quiet tests/docs $(ARGS)

clean: ## remove the environments and all caches; runs are kept
	rm -rf .venv .venv-* build dist docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A system Python may come without ensurepip; its own pip then fills the environment.
$(VENV)/created:
	@command -v '$(PYTHON)' >/dev/null || { echo 'gradatim needs Python 3.11 or newer, but there is no $(PYTHON) here.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "gradatim needs Python 3.11 or newer, but $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo 'Try: PYTHON=python3.12 make $(MAKECMDGOALS)' >&2; exit 1; }
	@echo 'Making the environment in $(VENV) with '"$$($(PYTHON) --version)"
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv --clear $(VENV); \
	  else $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	    $(PYTHON) -m pip --quiet --python $(BIN)/python install pip; fi
	@touch $@

$(VENV)/run: pyproject.toml | $(VENV)/created
	@echo 'Installing gradatim and what it needs; this takes a minute the first time'
	@$(PIP) install --editable '.[plot]'
	@touch $@

$(VENV)/dev: pyproject.toml | $(VENV)/created
	@echo 'Installing gradatim and the tools to test it; this takes a minute the first time'
	@$(PIP) install --editable '.[dev]'
	@touch $(VENV)/run $@

$(VENV)/bench: $(VENV)/dev
	@$(PIP) install micrograd
	@touch $@
