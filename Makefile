# Everything a developer or a user of the demo needs. `make help` explains the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
REQUIREMENTS := pyproject.toml operator/requirements.txt operator/requirements-chain.txt evaluator-image/requirements.txt tests/requirements.txt
# CLUSTER=local starts a real one-node Kubernetes here; CLUSTER=current uses the current KUBECONFIG context.
CLUSTER ?= local

.PHONY: help
help: ## Explain the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  \1\t\2/' | expand -t 18

$(STAMP): $(REQUIREMENTS)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[operator,chain,evaluator,dev]'
	touch $@

.PHONY: setup
setup: $(STAMP) ## Make .venv with everything that the project and its tests need

.PHONY: lint
lint: setup ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy operator/podium evaluator-image/podium_evaluator tests/cluster tests/hub tests/chain tests/bench examples
	$(BIN)/lint-imports

.PHONY: test
test: lint unit cluster-tests e2e ## Everything that CI runs

.PHONY: unit
unit: setup ## The pure tests
	$(BIN)/python -m pytest -m unit -n 2 -q

.PHONY: cluster-tests
cluster-tests: setup ## The tests on a real API server
	$(BIN)/python -m pytest -m cluster -n 2 -q

.PHONY: e2e
e2e: setup ## The tests on a real node; they start the local cluster and end it
	$(BIN)/python -m pytest -m e2e -q

# --- benchmarks of the evaluation engine -----------------------------------------------------------

BENCH := .venv-bench
BENCH_STAMP := $(BENCH)/.installed

# It sees all of .venv; what it adds stays out of there.
$(BENCH_STAMP): $(STAMP) tests/bench/requirements.txt
	test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	echo "import site; site.addsitedir('$$(realpath $(VENV)/lib/python*/site-packages)')" > \
	  "$$(realpath $(BENCH)/lib/python*/site-packages)/venv.pth"
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/bench/requirements.txt
	touch $@

.PHONY: bench
bench: $(BENCH_STAMP) ## Time the engine against its peers: every bar, one table (2 cores, an hour)
	$(BENCH)/bin/python -m tests.bench all

.PHONY: bench-gpu
bench-gpu: setup ## Time the engine on this machine's GPU
	$(BIN)/python -m tests.bench gpu

# --- weights -----------------------------------------------------------------------------------------

.PHONY: simulate
simulate: setup ## Set weights for 10,000 epochs while everything fails at random; EPOCHS=100 for fewer
	$(BIN)/python -m tests.podium.signing --epochs $(or $(EPOCHS),10000)

# --- many submissions ------------------------------------------------------------------------------

.PHONY: scale
scale: setup ## What 100, 1,000 and 10,000 submissions cost; SUBMISSIONS=10000 for as many on a real API server
	$(BIN)/python -m tests.scale --submissions $(or $(SUBMISSIONS),1000)

.PHONY: crds
crds: setup ## Generate crds/ and the chart's copy of it from the pydantic models
	$(BIN)/podium crds --output crds
	$(BIN)/podium crds --output helm/podium/files/crds  # Helm reads only what is inside the chart

# --- the local Kubernetes -------------------------------------------------------------------------

.PHONY: cluster
cluster: setup ## Start a real one-node Kubernetes on this machine (root; the first time builds it: minutes)
	$(BIN)/python -m tests.cluster up

.PHONY: cluster-down
cluster-down: ## End it and everything that it started
	$(BIN)/python -m tests.cluster down

.PHONY: demo
demo: setup ## A competition between real language models, from nothing to weights; CHAIN=stub for a chain
	$(BIN)/python -m examples.demo --cluster $(CLUSTER) --chain $(or $(CHAIN),none)
