# What people type. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
UV := $(shell command -v uv 2>/dev/null || echo .venv/bin/uv)
SHARED := ../shared
DATA ?= ./data
LISTEN ?= 127.0.0.1:6060
SEEDS ?= 2000
ROUNDS ?= 20
DB ?= sqlite
KILL ?= server
SCENARIO ?= fanout
SECONDS ?= 60

# Tests that look at a real server from outside, with real browsers and deadlines: one after the
# other, and once more where the machine was busy with something else.
OUTSIDE := tests/conformance tests/e2e tests/fuzz

.PHONY: help setup web run test databases check sim fuzz crash bench bench-compare growth profile lock proto clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 16

setup: .setup/python .setup/web ## make .venv and install everything, the web client too
	@$(PY) -m compileall -q src

.setup/python: requirements/dev.txt pyproject.toml
	@test -x $(PY) || python3 -m venv .venv
	@test -x "$(UV)" || $(PY) -m pip install --quiet --disable-pip-version-check uv
	$(UV) pip install --python $(PY) --quiet --compile-bytecode --require-hashes -r requirements/dev.txt
	$(UV) pip install --python $(PY) --quiet --no-deps --no-build-isolation --editable .
	@mkdir -p .setup && touch $@

.setup/web: tools/build_web.py tools/web/package-lock.json $(wildcard tools/web/*.js) .setup/python
	$(PY) tools/build_web.py
	@touch $@

run: setup ## start a server with sample people and conversations
	.venv/bin/chinwag serve --demo --listen $(LISTEN) --data $(DATA)

check: setup ## lint, types, import contracts
	.venv/bin/ruff format --check --quiet src tests tools
	.venv/bin/ruff check --quiet src tests tools
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

test: check databases ## everything `check` does, then every test on every database
	.venv/bin/pytest -n 2 $(OUTSIDE:%=--ignore=%)
	.venv/bin/pytest $(OUTSIDE) || .venv/bin/pytest --last-failed $(OUTSIDE)

fuzz: setup ## attack a server for SECONDS=60
	PYTHONPATH=tests $(PY) -m fuzz --seconds $(SECONDS)

sim: setup ## simulate, SEEDS=2000 of them
	$(PY) -m tests.sim --seeds $(SEEDS)

crash: setup ## kill what runs under load ROUNDS=20 times (DB=sqlite|postgres|mysql KILL=server|database|both)
	$(PY) tools/crash.py --rounds $(ROUNDS) --db $(DB) --kill $(KILL)

bench-compare: setup ## measure, and say what has changed since the newest result that is kept
	$(PY) tools/bench.py --compare

bench: setup ## measure, and keep the results under bench/results
	$(PY) tools/bench.py

growth: setup ## measure how cost grows: 1, 10 and 100 times the members, sessions, messages, topics
	$(PY) tools/growth.py

profile: setup ## flame graph of SCENARIO=fanout, pairs, hot, history or login under bench/profiles (DB=sqlite|postgres|mysql)
	$(PY) tools/flame.py $(SCENARIO) --db $(DB)

lock: ## write the lock files anew
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet pyproject.toml -o requirements/server.txt
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet pyproject.toml --extra bots --extra chat --group dev -o requirements/dev.txt

proto: setup ## generate the code for src/chinwag/wire/pbx/model.proto
	$(PY) -m grpc_tools.protoc -I src --python_out=src --pyi_out=src src/chinwag/wire/pbx/model.proto

clean: ## remove what `make setup` made
	rm -rf .venv .setup tools/web/node_modules tests/e2e/node/node_modules src/chinwag/web
