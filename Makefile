# make demo   from nothing to de-identified instances and their account, no cloud account needed
# make test   from nothing to a green test suite
# make help   the other targets

PYTHON ?= python3.11
OUT ?= out/demo
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := .venv-peers
FUZZ := build/fuzz
PEER_PYTHON = $(if $(wildcard $(PEERS)/bin/python),--peer-python $(PEERS)/bin/python)
DEID_DATA = $(addprefix --deid_data ,$(wildcard $(PEERS)/lib/python3*/site-packages/deid_data/data/ultrasounds))

.DEFAULT_GOAL := help
.PHONY: help demo test check format sdist-check bench quality midi peers fuzz clean install

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install: $(READY) ## make .venv with everything pinned

$(READY): $(addprefix requirements/,pipeline.txt emulator.txt pixels.txt dev.txt constraints.txt)
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it, or name it with PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/pipeline.txt \
	    -r requirements/emulator.txt -r requirements/pixels.txt -r requirements/dev.txt -c requirements/constraints.txt
	@touch $@

demo: $(READY) ## the main job on the embedded cloud; DICOM=folder for your own files, OUT=folder for the results
	@exec $(BIN)/python -m demo --out "$(OUT)" $(if $(DICOM),--dicom "$(DICOM)")

test: $(READY) ## the whole suite: unit tests, and both sides talking over the wire
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(READY) ## formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY) ## rewrite the sources in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

sdist-check: $(READY) ## slow: install the sdist with all its dependencies into an environment of its own
	rm -rf build/sdist-check && mkdir -p build/sdist-check
	$(BIN)/python -m build --sdist --no-isolation --outdir build/sdist-check .
	$(PYTHON) -m venv build/sdist-check/env
	build/sdist-check/env/bin/pip install --quiet -c requirements/constraints.txt build/sdist-check/*.tar.gz
	cd build/sdist-check && env/bin/python -m pipeline --help >help.txt && ! env/bin/python -c "import emulator" 2>/dev/null
	@echo "sdist-check: the clean environment runs python -m pipeline --help"

bench: $(READY) ## the figures we claim, measured on this machine: speed of the engine and of batch runs
	$(BIN)/python -m benchmarks.engine $(PEER_PYTHON)
	$(BIN)/python -m benchmarks.batch_run

quality: $(READY) ## what is found in text and in pixels, and whether results stay valid (needs Debian's dicom3tools)
	$(BIN)/python -m benchmarks.text_finding --floor
	$(BIN)/python -m benchmarks.ocr_quality $(DEID_DATA)
	$(BIN)/python -m benchmarks.validity

midi: $(READY) ## each ready configuration, scored by the ten checks of MIDI-B on a generated set
	$(BIN)/python -m benchmarks.midi --baselines $(if $(PEER_PYTHON),--peer dicognito --peer dicom-anonymizer $(PEER_PYTHON))

peers: ## an environment with other de-identifiers; bench, quality and midi then compare with them
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check -r requirements/peers.txt

fuzz: ## coverage-guided fuzzing of the engine, ten minutes
	$(PYTHON) -m venv $(FUZZ)/venv
	$(FUZZ)/venv/bin/pip install --quiet --disable-pip-version-check -r requirements/fuzz.txt -c requirements/constraints.txt
	$(FUZZ)/venv/bin/python tests/fuzz/fuzz_engine.py --seeds $(FUZZ)/corpus
	$(FUZZ)/venv/bin/python tests/fuzz/fuzz_engine.py $(FUZZ)/corpus -max_total_time=600 -max_len=6000

clean: ## remove the environment and everything made
	rm -rf $(VENV) $(PEERS) out build dist *.egg-info
