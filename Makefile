SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
	--strip-extras --allow-unsafe --no-header --resolver=backtracking
T ?= tests
M ?=
# Whoever forbids it has each of the many processes of a test compile the service anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install install-test demo test test-full test-fast coverage-legal mutate-legal mutate-part lint types format \
	openapi tables lock upgrade bench clean

help:  ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 18

install:  ## Set up .venv with what running the service and the demo needs
	@.ci/install run

install-test:  ## Set up the rest: what the tests need, PostgreSQL and a browser included
	@.ci/install test

demo: install  ## Walk demands from arrival to their end, narrated (a minute and a half)
	@$(BIN)/python -m lea_service.demonstration

test: install-test lint types  ## Run everything a change must pass
	$(BIN)/python -m pytest -n 2 --dist worksteal $(T)

test-full: export LEA_TEST_FULL = 1
test-full: test  ## Run that and what takes too long to be run with each change

test-fast:  ## Run the tests on SQLite only, without browser and without setting up
	$(BIN)/python -m pytest -n 2 -q -m "not postgres and not browser and not slow" $(T)

coverage-legal:  ## Hold the branch coverage of the legal rules and the gate of decisions at 100 % (docs/assurance.md)
	@.ci/install assurance
	$(BIN)/python -m coverage run -m pytest -q -m "not postgres and not browser and not slow" \
		tests/legal tests/staff tests/demands tests/extraction tests/workflow/test_instalments.py
	$(BIN)/python -m coverage report

mutate-legal:  ## Judge the tests of the same by mutants, hours on one core; M=PATTERN for some (docs/assurance.md)
	@.ci/install assurance
	PATH="$(CURDIR)/$(BIN):$$PATH" mutmut run --max-children 1 $(M)
	$(BIN)/mutmut results

mutate-part:  ## Judge the mutants of a module M by tests T, N of them drawn by a fixed seed (docs/assurance.md)
	@.ci/install assurance
	$(BIN)/python -m tests.support.mutants $(M) $(T) $(if $(N),--first $(N))

lint:  ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:  ## Check types, strictly
	$(BIN)/mypy

format:  ## Put the formatting right
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

openapi:  ## Write schemas/openapi.json again after a route changed
	$(BIN)/python -m tests.support.openapi

words:  ## Compile the Dutch words of Click again after they changed
	$(BIN)/python -m tests.support.words

tables:  ## Write the first tables in migrations/ again from the models, until the first release
	$(BIN)/python -m tests.support.first_tables

lock:  ## Write the lock files again after pyproject.toml changed
	$(COMPILE) --build-deps-for=editable --output-file=requirements.lock pyproject.toml
	$(COMPILE) --build-deps-for=editable --extra=test --output-file=requirements-test.lock pyproject.toml
	$(COMPILE) --build-deps-for=editable --extra=test --extra=assurance --output-file=requirements-assurance.lock pyproject.toml
	$(COMPILE) --build-deps-for=editable --extra=test --extra=bench --output-file=requirements-bench.lock pyproject.toml

upgrade: COMPILE += --upgrade
upgrade: lock  ## Take newer versions into the lock files

bench:  ## Measure speed and memory; writes docs/performance.md
	@.ci/install bench
	$(BIN)/python -m bench

clean:  ## Remove what building and testing left behind
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage mutants
