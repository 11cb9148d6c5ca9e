# make demo   from nothing to de-identified instances and their account, no cloud account needed
# make test   from nothing to a green test suite
# make help   the other targets

PYTHON ?= python3.11
OUT ?= out/demo
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench clean install

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(READY) ## make .venv with everything pinned

$(READY): requirements/pipeline.txt requirements/emulator.txt requirements/dev.txt requirements/constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it, or name it with PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/pipeline.txt \
	    -r requirements/emulator.txt -r requirements/dev.txt -c requirements/constraints.txt
	@touch $@

demo: $(READY) ## the main job on the embedded cloud; DICOM=folder for your own files, OUT=folder for the results
	@exec $(BIN)/python -m demo --out "$(OUT)" $(if $(DICOM),--dicom "$(DICOM)")

test: $(READY) ## the whole suite: unit tests, and both sides talking over the wire
	$(BIN)/python -m pytest

check: $(READY) ## formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY) ## rewrite the sources in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## the figures we claim, measured on this machine
	$(BIN)/python -m benchmarks.engine_throughput

clean: ## remove the environment and everything made
	rm -rf $(VENV) out build dist *.egg-info
