# Revlog's commands. Variables may be given on the command line or in the environment:
#   PORT        where `make run` answers                                    (8000)
#   HOST        the address it listens on                                   (127.0.0.1)
#   REVLOG_VAR  the folder of one instance: database, files, keys, assets   (var)
#   TLS         1: https for the tablets on the network, with a certificate of our own
# docs/configuration.md lists the rest.
PORT ?= 8000
REVLOG_VAR ?= var
export PORT REVLOG_VAR

BIN := .venv/bin
# With the libraries and the browser that setup had to unpack, if it had to.
RUN := $(BIN)/python tools/env.py
# The tests' own services and files; they are thrown away, so they need not wait for the disk.
TEST := $(RUN) env REVLOG_VAR="$(REVLOG_VAR)/test" REVLOG_EMBEDDED_DURABLE=0
PYTEST := $(TEST) $(BIN)/pytest
CHECK := env DJANGO_SETTINGS_MODULE=revlog.settings.check

.DEFAULT_GOAL := help
.PHONY: help setup setup-run run test quick prove check bench screenshots lock clean
MAKEFLAGS += --no-print-directory

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Do all set-up for running and testing; starts nothing, does nothing when nothing changed
	@tools/python tools/setup.py test

setup-run:
	@tools/python tools/setup.py run

run: setup-run ## Run the platform on http://127.0.0.1:8000/ until Ctrl-C (PORT=8000 REVLOG_VAR=var)
	@REVLOG_TIED=1 exec $(BIN)/python tools/run.py

test: setup check ## Check and test everything that a change must pass
	$(PYTEST) -n 2 --dist loadgroup -m "not prove"

quick: setup ## Run the unit and service tests, a few minutes at most
	$(PYTEST) -n 2 --dist loadgroup -m "not slow and not browser and not services and not prove"

prove: setup ## Run the scale, kill and fuzz proofs, each bounded to 20 minutes (REVLOG_PROVE_SECONDS=360 REVLOG_PROVE_SEED=1)
	$(PYTEST) -m "prove or hypothesis" --hypothesis-profile=proof -s

check: setup ## Lint, check formats, types, layers, migrations and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(CHECK) $(BIN)/mypy .
	$(BIN)/lint-imports
	$(CHECK) $(RUN) $(BIN)/python manage.py check
	$(CHECK) $(RUN) $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/djlint --quiet --lint templates

bench: setup ## Measure, print the table, write benchmarks/results/latest.json (FIGURES="S1 S3" BENCH_UNITS=1000000)
	$(RUN) env REVLOG_VAR="$(REVLOG_VAR)/bench" $(BIN)/python -W ignore -m benchmarks --units $(or $(BENCH_UNITS),1000000) $(FIGURES)

screenshots: setup ## Take the pictures of the README and the docs anew, of the demo, into docs/pictures
	$(RUN) $(BIN)/python tools/screenshots.py

lock: setup ## Compile requirements*.txt from requirements*.in, with digests and no addresses
	@$(BIN)/python tools/lock.py

clean: ## Remove .venv, caches, assets and the tests' database; the instance's own data stays
	@tools/python tools/clean.py
