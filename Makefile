# Needs nothing but Python 3.11 or newer with venv and pip.
#   make demo    set up and run the three worked problems on real arrays
#   make test    set up and run every check that CI runs
#   make train   set up and train a classifier of digits by Newton's method (build/newton-cg.png)
#   make bench   set up and measure against hand-written NumPy, JAX, PyTorch (docs/benchmarks.md)
#   make bench-claims   set up and measure how far the checker can be trusted (docs/claims-benchmark.md)
#   make fix     format, and repair what the linter can repair
#   make clean   remove everything that make made

PYTHON  ?= $(firstword $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
             $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
             2>/dev/null && echo $$p; done))
WORKERS ?= 2
# PyPI's PyTorch for Linux brings several GB of CUDA along: its own index has builds without.
TORCH   ?= --no-deps --retries 0 --extra-index-url https://download.pytorch.org/whl/cpu torch==2.13.0
BIN     := .venv/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check -qq install

.PHONY: demo train test check bench bench-claims fix clean
.DELETE_ON_ERROR:

demo: .venv/core.stamp
	@$(BIN)/python examples/demo.py

train: .venv/examples.stamp
	@mkdir -p build
	@$(BIN)/python examples/newton_cg/train.py --output build/newton-cg.png

test: check
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

check: .venv/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/bench.stamp
	$(BIN)/python -m benchmarks.run

bench-claims: .venv/dev.stamp
	$(BIN)/python -m benchmarks.claims

fix: .venv/dev.stamp
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.venv/core.stamp: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing indexcalc into .venv"
	@$(PIP) --editable .
	@touch $@

.venv/dev.stamp: pyproject.toml .venv/core.stamp
	@echo "installing the tools that the checks need into .venv"
	@$(PIP) --editable '.[dev]'
	@touch $@

.venv/bench.stamp: pyproject.toml .venv/dev.stamp
	@echo "installing the libraries that the benchmark measures into .venv"
	@if $(PIP) $(TORCH); then $(PIP) --editable '.[dev,bench]'; \
	else echo "PyTorch cannot be installed and is left out"; $(PIP) autograd scipy; fi
	@touch $@

.venv/examples.stamp: pyproject.toml .venv/core.stamp
	@echo "installing what the training example needs into .venv"
	@$(PIP) --editable '.[examples]'
	@touch $@

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
