# `make demo` and `make test` do everything on a fresh machine that has Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
DEMO := build/demo

.PHONY: demo test clean

demo: .venv/.installed
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

.venv/.installed-test: .venv/.installed
	@$(INSTALL) --editable ".[test]"
	@touch $@

clean:
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache
