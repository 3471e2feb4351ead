# `make demo` and `make test` do everything on a fresh machine that has Python 3.11 or newer; `make demo LIGHT=1` does it
# without torch, in an environment of its own.
PYTHON ?= python3
VENV := $(if $(LIGHT),.venv-light,.venv)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
INSTALL := $(PIP) --constraint constraints.txt
DEMO := build/demo

.PHONY: demo test clean

demo: $(VENV)/.installed
	@$(BIN)/dateline --data $(DEMO) ingest samples/harbour-fire.html
	@$(BIN)/dateline --data $(DEMO) chat --zone Europe/Athens < samples/questions.txt
	@echo
	@echo "Go on asking:  $(BIN)/dateline --data $(DEMO) chat"
	@echo "Your own page: $(BIN)/dateline ingest PAGE.html  (or an address), then: $(BIN)/dateline ask \"…\""

test: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile

.venv/.installed: pyproject.toml constraints.txt
	@echo "Setting up .venv (the first time takes a minute or two)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(INSTALL) --editable .
	@touch $@

.venv-light/.installed: pyproject.toml requirements-light.txt
	@echo "Setting up .venv-light (the first time takes a minute)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv-light
	@$(PIP) --no-compile --no-deps --requirement requirements-light.txt --editable .
	@touch $@

.venv/.installed-test: .venv/.installed
	@$(INSTALL) --editable ".[test]"
	@touch $@

clean:
	rm -rf .venv .venv-light build .mypy_cache .ruff_cache .pytest_cache
