# Everything sets itself up in .venv; a second run is quick. A stamp is older than what it was made
# from only when that has changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
OUT := out

.PHONY: help demo test test-all lint format typecheck bench docs clean
.DEFAULT_GOAL := help

help:
	@echo "make demo       compile ResNet-50, print its summary, run it and draw it into $(OUT)/"
	@echo "make test       run the tests"
	@echo "make test-all   run the slow tests too, and look for new examples"
	@echo "make lint       check style and formatting; make format mends them"
	@echo "make typecheck  check types"
	@echo "make docs       regenerate what the docs take from the code: tables, schema, pictures"
	@echo "make bench      measure against torchvision, side by side, into $(OUT)/bench.json"
	@echo "make clean      remove $(VENV) and $(OUT)"

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "archspec needs Python 3.11 or later; set PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade "pip>=25.1"
	@touch $@

# The version is in archspec/__init__.py; the code itself is installed in place.
$(VENV)/.package: $(VENV)/.made pyproject.toml constraints.txt archspec/__init__.py
	$(PIP) install --constraint constraints.txt --editable '.[torch]'
	@touch $@

# torchvision and timm are the tests' oracles; without dependencies they run beside any build of torch.
$(VENV)/.tests: $(VENV)/.package
	$(PIP) install --constraint constraints.txt --group dev --editable '.[train]'
	$(PIP) install --constraint constraints.txt --no-deps torchvision timm
	@touch $@

# The server that editors talk to; without npm its tests are skipped, and say so.
$(VENV)/.editor: $(VENV)/.made tests/schema/language_server.txt
	@if command -v npm >/dev/null; then \
	  npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix $(VENV)/npm \
	    $$(cat tests/schema/language_server.txt) && touch $@; \
	else echo "no npm: the tests in an editor's language server are skipped"; fi

demo: $(VENV)/.package
	@mkdir -p $(OUT)
	$(BIN)/archspec validate specs/resnet50.yaml
	$(BIN)/archspec summary resnet50 --depth 1
	$(BIN)/archspec compile resnet50 -o $(OUT)/resnet50.py
	$(BIN)/python -c "import torch, archspec; m = archspec.compile('resnet50').eval(); \
	  y = m(torch.randn(1, 3, 224, 224)); print('forward pass:', tuple(y.shape))"
	$(BIN)/archspec render resnet50 -o $(OUT)/resnet50.svg
	$(BIN)/archspec render resnet50 -o $(OUT)/resnet50.png
	@echo "see $(OUT)/resnet50.py, $(OUT)/resnet50.svg and $(OUT)/resnet50.png"

test: $(VENV)/.tests
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: $(VENV)/.tests $(VENV)/.editor
	HYPOTHESIS_PROFILE=new $(BIN)/python -m pytest -n 2

lint: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

typecheck: $(VENV)/.tests
	$(BIN)/mypy

# Other programs that draw networks, to measure beside; they also need graphviz's `dot`.
$(VENV)/.rivals: $(VENV)/.tests
	$(PIP) install --constraint constraints.txt --group rivals
	@touch $@

bench: $(VENV)/.rivals
	$(BIN)/python -m tests.benchmarks -o $(OUT)/bench.json

docs: $(VENV)/.package
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) $(OUT)
