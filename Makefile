# `make` alone lists what there is. `make demo` and `make test` do all their own set-up.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin
ROOMS := workspace charts interactions features training serving cli

TORTURE_SHARE ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export MLFLOW_DISABLE_TELEMETRY := true
export BENTOML_DO_NOT_TRACK := True

.DEFAULT_GOAL := help
.PHONY: help setup spark demo test test-slow test-cluster torture check format docs evaluate bench-cleaning bench-features bench-identity bench-serving bench-statistics bench-training lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

setup: .venv/installed ## a .venv with everything pinned in requirements.lock

# pip compiles bytecode as it installs; our own rooms are compiled too, so that the first start is a quick one.
.venv/installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Rapport needs Python 3.11 or later; none was found on the PATH." >&2; exit 1; }
	"$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q $(ROOMS)
	@$(BIN)/python -c 'import lightgbm' 2>/dev/null || { echo "LightGBM needs this machine's OpenMP runtime and did not\
 find it. Install it (Debian, Ubuntu: apt-get install libgomp1; macOS: brew install libomp), then run make again." >&2; exit 1; }
	@touch $@

spark: .venv/spark-installed ## Spark beside it, for companies that outgrow one machine (needs Java 17)

.venv/spark-installed: .venv/installed requirements-spark.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-spark.lock
	@touch $@

demo: setup ## a simulated company, the whole pipeline, the service and its dashboard; ARGS="--customers 500 --port 3001"
	@$(BIN)/rapport demo $(ARGS)

test: setup ## all quick tests
	$(BIN)/python -m pytest -m "not slow and not torture" -n 2 --dist loadfile $(ARGS)

test-slow: setup ## the tests that take minutes; CI runs them too
	$(BIN)/python -m pytest -m "slow and not torture" $(ARGS)

test-cluster: spark ## features and volume on a Spark cluster of one master and two workers on this machine
	SPARK_CLUSTER=1 TORTURE_SHARE=0.1 $(BIN)/python -m pytest -m spark $(ARGS)

torture: setup ## faults, load and fuzz at full length; TORTURE_SHARE=0.1 does a tenth
	TORTURE_SHARE=$(TORTURE_SHARE) $(BIN)/python -m pytest -m torture $(ARGS)
	TORTURE_SHARE=$(TORTURE_SHARE) $(BIN)/python -m pytest --timeout 3600 tests/interactions/sources/test_any_table.py

check: setup ## format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## put the code in its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup ## docs/features.md, statistics.md and tables.md from what the program says
	$(BIN)/python -m cli.reference docs

evaluate: setup ## how good the models are on data whose truth is known; writes benchmarks/results/evaluate.json
	$(BIN)/python -m benchmarks.evaluate $(ARGS)

bench-cleaning: setup ## collecting and cleaning 10 million rows beside pandas and bare DuckDB; ARGS="--rows 1000000"
	$(BIN)/python -m benchmarks.cleaning $(ARGS)

bench-features: setup ## customer features beside hand-written SQL, Polars and pandas; ARGS="--more" for five times the rows
	$(BIN)/python -m benchmarks.customer_features $(ARGS)

bench-identity: setup ## how well doubles are found among simulated customers; writes benchmarks/results/identity.json
	$(BIN)/python -m benchmarks.identity $(ARGS)

bench-serving: setup ## the service beside a bare route, BentoML and mlflow; ARGS="--customers 20000 --seconds 3"
	$(BIN)/python -m benchmarks.serving $(ARGS)

bench-statistics: setup ## figures of 20 million contacts from a warm service beside bare scans; ARGS="--interactions 1000000"
	$(BIN)/python -m benchmarks.statistics $(ARGS)

bench-training: setup ## training on 500,000 customers beside the bare calls of LightGBM within; ARGS="--customers 50000"
	$(BIN)/python -m benchmarks.training $(ARGS)

lock: ## pin what pyproject.toml asks for, for every platform, with hashes (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra sources --group dev pyproject.toml -o requirements.lock
	echo 'pyspark>=4.0' | uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 - -o requirements-spark.lock

clean: ## remove the .venv, caches and the demo's workspace
	rm -rf .venv demo-workspace .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
