# Two commands for a newcomer: `make demo` and `make test`. Each does all its set-up in .venv.
PYTHON ?= python3
VENV ?= .venv
SONG ?=
OUT ?= demo-out
BIN = $(VENV)/bin

.PHONY: demo test lint clean

demo: $(VENV)/.demo
	$(BIN)/streamsep demo $(if $(SONG),"$(SONG)") -o "$(OUT)"

test: $(VENV)/.dev lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[plot]"
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) $(OUT)
