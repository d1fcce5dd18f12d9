# Every word a person needs, the same by hand and in CI. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help venv demo serve train notebooks bench bench-model bench-serving bench-pages screenshots drill test check format lock clean

VENV  := .venv
BIN   := $(VENV)/bin
PY    := $(BIN)/python
STAMP := $(VENV)/.installed

# Two OpenMP processes on shared cores spin against each other for seconds unless they wait passively.
export OMP_WAIT_POLICY ?= passive
export MLFLOW_DISABLE_TELEMETRY ?= true
export OPENBLAS_NUM_THREADS ?= 1
# As pip does: a firm's proxy shows a certificate that the machine trusts, and uv's own list does not have.
CERTIFICATES := /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem
export UV_SYSTEM_CERTS ?= $(if $(wildcard $(CERTIFICATES)),true,false)

help: ## List these words
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

venv: $(STAMP) ## Make .venv with everything pinned (the other words do it by themselves)

demo: $(STAMP) ## Simulate a firm, train on its history, start the service and score a deal
	@$(PY) -m training demo

serve: $(STAMP) ## Start the service
	@$(BIN)/mlscore serve

train: $(STAMP) ## Retrain on the receipts and outcomes of the store
	@$(PY) -m training retrain

notebooks: $(STAMP) ## Run the notebooks on simulated histories, and leave them to read in .notebooks
	@rm -rf .notebooks && mkdir .notebooks && cp notebooks/*.ipynb .notebooks
	@$(BIN)/pytest --nbmake --overwrite --numprocesses auto --timeout 300 .notebooks
	@$(PY) -m training pages .notebooks

bench: $(STAMP) ## Measure scoring speed
	@$(PY) -m training speed

bench-model: $(STAMP) ## Hold the model beside the classics (BENCH_ARGS="salvirt --sizes all" for some of it)
	@$(PY) -m training bench $(BENCH_ARGS)

bench-serving: $(STAMP) ## Measure the service over HTTP beside a do-nothing endpoint and MLflow
	@$(PY) -m tests.bench serving $(BENCH_ARGS)

bench-pages: $(STAMP) ## Measure every page on 100 000 receipts
	@$(PY) -m tests.bench pages $(BENCH_ARGS)

screenshots: $(STAMP) ## Take pictures of every page, on the firm of `make demo` (SHOTS_ARGS="--to docs/screenshots")
	@$(PY) -m tests.web.shots $(SHOTS_ARGS)

drill: $(STAMP) ## Break the service on purpose and look whether it holds (DRILL_ARGS="F1 F4 --seed 7" for some of it)
	@$(PY) -m tests.drills $(DRILL_ARGS)

test: $(STAMP) ## Run all tests
	@$(BIN)/pytest --numprocesses auto --dist loadscope

check: $(STAMP) ## Check format, lint, types, import contracts and what attackers look for
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive src training

format: $(STAMP) ## Format the code and repair what lint can
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet --group build --extra serve

lock: $(STAMP) ## Pin the dependencies of pyproject.toml anew (LOCK_ARGS=--upgrade moves all)
	@$(LOCK) --extra files --extra train --group dev $(LOCK_ARGS) --output-file requirements.lock
	@$(LOCK) --constraint requirements.lock --output-file requirements-serve.lock

clean: ## Remove .venv and what the tools keep
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .notebooks

# The first of these that runs and is new enough; uv comes from PATH, or from the lock file into the venv.
FIND_PYTHON = for candidate in $(PYTHON) python3.11 python3 python3.12 python3.13 python3.14; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { command -v $$candidate; break; }; done

$(STAMP): requirements.lock pyproject.toml
	@python=$$($(FIND_PYTHON)); \
	test -n "$$python" || { echo "mlscore needs Python 3.11 or newer: install it, or say where it is: make PYTHON=/path/to/python3.11" >&2; exit 1; }; \
	$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || "$$python" -m venv --clear $(VENV) \
	|| { echo "Python could not make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@uv=$$(command -v uv || true); \
	if [ -z "$$uv" ]; then uv=$(BIN)/uv; \
	  awk '/^uv==/ {found = 1} found && /^ *#/ {exit} found' requirements.lock > $(VENV)/uv.txt; \
	  $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt; fi; \
	"$$uv" pip install --python $(PY) --quiet --require-hashes -r requirements.lock \
	&& "$$uv" pip install --python $(PY) --quiet --no-deps --no-build-isolation --editable .
	@$(PY) -c 'import ctypes, sys; sys.platform != "linux" or ctypes.CDLL("libgomp.so.1")' 2>/dev/null \
	|| { echo "LightGBM needs the OpenMP runtime; on Debian and Ubuntu: apt-get install libgomp1" >&2; exit 1; }
	@touch $@
