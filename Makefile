# Two commands for a newcomer: `make demo` and `make test`. Each does all its set-up in .venv.
PYTHON ?= python3
VENV ?= .venv
SONG ?=
OUT ?= demo-out
BIN = $(VENV)/bin

# A real JACK server, PortAudio and Ardour (and a browser), for the tests in tests/rig; installed where that
# is asked for.
RIG_PACKAGES = jackd2 libportaudio2 ardour $(if $(filter long,$(RIG)),chromium)
IS_RIG = $(filter true,$(CI))$(filter 1 long,$(RIG))

# What tests compare against; without what it depends on, which tests replace.
PEERS = openunmix==1.3.0

.PHONY: demo test lint rig clean

demo: $(VENV)/.demo
	$(BIN)/streamsep demo $(if $(SONG),"$(SONG)") -o "$(OUT)"

# What hears a real sound server has no machine-wide work beside it.
test: $(VENV)/.dev lint $(if $(IS_RIG),rig)
	$(BIN)/python -m pytest -n 3 --dist worksteal --ignore=tests/rig
	$(BIN)/python -m pytest -n 2 --dist worksteal tests/rig

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

rig:
	@command -v jackd > /dev/null && command -v ardour > /dev/null && \
		$(if $(filter long,$(RIG)),command -v chromium > /dev/null &&) \
		ldconfig -p | grep -q libportaudio.so.2 || \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends $(RIG_PACKAGES) > /dev/null; } || \
		echo "the rig's packages cannot be installed here; its tests are skipped"

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[plot]"
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps $(PEERS)
	@touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) $(OUT)
