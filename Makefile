# Everything runs from a virtual environment that this file makes; `make test` and `make demo` are enough.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=

.PHONY: demo test check prove bench gallery install peers clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev --editable ".[registry,postgres]"
	touch $@

demo: $(STAMP)  ## build the demonstration registry and serve it on http://127.0.0.1:8000
	$(BIN)/hallmark demo $(ARGS)

check: $(STAMP)  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

peers: $(STAMP)  ## what only tests use, of exact versions; tests of what is not there skip
	if command -v npm >/dev/null; then tests/node/install; fi
	tests/peers/install $(abspath $(BIN)/python)
	tests/registry/publish/install $(abspath $(BIN)/python)

test: check peers  ## the whole small suite
	$(BIN)/python -m pytest -m "not prove" $(ARGS)

prove: peers  ## the large figures: kills, fuzzing, big data
	$(BIN)/python -m pytest -m prove $(ARGS)

bench: $(STAMP)  ## ratios to raw limits, measured side by side in one run
	$(BIN)/python -m tests.benchmarks $(ARGS)

gallery: $(STAMP)  ## contact sheets of every page and document, one per width
	$(BIN)/python -m tests.gallery $(ARGS)

clean:
	rm -rf $(VENV) var dist
