# Valletta. Two commands matter: `make up` and `make test`. Both install what they need, pinned and locked, and both
# are safe and quick to run again.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
UV_HOME := .cache/uv-$(UV_VERSION)
UV := $(UV_HOME)/bin/uv
BIN := .venv/bin
SYNCED := .venv/.synced
RUST := services/core
# Processes that test, each with a broker, a database and an account of its own; 0 for a debugger.
WORKERS ?= 2
# Options for `valletta up` and for pytest: make up ARGS="--journal file", make test ARGS="-k ledger".
ARGS ?=
export UV_PYTHON_DOWNLOADS := never
# Importing the cloud's SDK from source takes seconds every time: let Python keep what it compiles.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help up down status demo test lint format fuzz sbom clean bench bench-core bench-plan bench-twin bench-evidence bench-shard bench-up

help: ## What there is to type
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

$(UV):
	@echo "installing uv $(UV_VERSION)"
	@python3 -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Valletta needs Python 3.11 or later; this is " + sys.version.split()[0])'
	@command -v cargo >/dev/null || { echo "Valletta's core is Rust: install a Rust toolchain (rustup, or your distribution's cargo) first"; exit 1; }
	@python3 -m venv $(UV_HOME) 2>/dev/null || { echo "python3 cannot make a virtual environment: install python3-venv first"; rm -rf $(UV_HOME); exit 1; }
	@$(UV_HOME)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# One environment from one lock; the stamp makes a second run free and lets it work with nothing reachable.
$(SYNCED): $(UV) uv.lock pyproject.toml $(shell find $(RUST)/src $(RUST)/Cargo.toml $(RUST)/Cargo.lock $(RUST)/pyproject.toml $(RUST)/build.rs proto -type f)
	@echo "installing what uv.lock names, and building the core"
	@$(UV) sync --locked --quiet
	@touch $@

up: $(SYNCED) ## Stand up the whole exchange on this machine
	@$(BIN)/valletta up $(ARGS)

down: $(SYNCED) ## Stop it; the account, the log and the ledger are kept
	@$(BIN)/valletta down $(ARGS)

status: $(SYNCED) ## What runs, and whether it is well
	@$(BIN)/valletta status $(ARGS)

demo: $(SYNCED) ## Two bettors, one market, a settled bet
	@$(BIN)/valletta demo $(ARGS)

test: $(SYNCED) ## Every test
	@$(BIN)/python -m sandbox.runtime.jars
	@$(BIN)/python -m sandbox.runtime.controlplane
	@cargo test --quiet --manifest-path $(RUST)/Cargo.toml --package valletta-core --package valletta-core-fuzz
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

lint: $(SYNCED) ## Formatting, style, types, import directions, stale generated files
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --verbose >.cache/imports.log 2>&1 || { cat .cache/imports.log; exit 1; }
	@$(BIN)/python tools/generate_proto.py --check
	@$(BIN)/zizmor --offline --quiet --no-progress .github >.cache/zizmor.log 2>&1 || { cat .cache/zizmor.log; exit 1; }
	@cargo fmt --manifest-path $(RUST)/Cargo.toml --all --check
	@cargo clippy --quiet --manifest-path $(RUST)/Cargo.toml --all-targets --all-features -- -D warnings
	@cargo clippy --quiet --manifest-path $(RUST)/Cargo.toml --package valletta-core-fuzz --package valletta-core-bench --all-targets -- -D warnings

format: $(SYNCED) ## Put the code in its one form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .
	@cargo fmt --manifest-path $(RUST)/Cargo.toml --all

bench: bench-core bench-plan bench-twin bench-evidence bench-shard bench-up ## Every benchmark

bench-core bench-plan bench-twin bench-evidence bench-shard bench-up: bench-%: $(SYNCED)
	@$(BIN)/python -m bench.$*

bench-core: ## Commands a second in the core, holds included, beside its peers
bench-plan: ## The production graph, planned in process
bench-twin: ## Provisioning the twin, against the bare AWS calls
bench-evidence: ## The evidence run, against the bare calls; the policy pack, a resource
bench-shard: ## Through the shard, against bare appends to the log
bench-up: ## make up, warm

# The fuzzer needs its coverage compiled in, which a stable compiler does; what it finds anew stays under target/.
FUZZ_FLAGS := -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
	-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
	-Ccodegen-units=1 -Cdebug-assertions
FUZZ_SECONDS ?= 300
FUZZ_TARGETS := decode sequence

fuzz: ## Look for bytes that break the core, FUZZ_SECONDS (300) for each target
	@command -v c++ >/dev/null || { echo "the fuzzer is C++: install a C++ compiler (Debian: g++) first"; exit 1; }
	@host=$$(rustc -vV | sed -n 's/^host: //p'); \
	RUSTFLAGS="$(FUZZ_FLAGS)" cargo build --quiet --release --manifest-path $(RUST)/Cargo.toml --package valletta-core-fuzz \
		--features libfuzzer --target $$host --target-dir $(RUST)/target/fuzz; \
	for target in $(FUZZ_TARGETS); do \
		mkdir -p $(RUST)/target/fuzz/found/$$target; \
		echo "$$target: $(FUZZ_SECONDS) s"; \
		(cd $(RUST)/target/fuzz && $$host/release/$$target -max_total_time=$(FUZZ_SECONDS) -max_len=6000 -timeout=30 -verbosity=0 \
			-print_final_stats=1 found/$$target $(CURDIR)/$(RUST)/fuzz/corpus/$$target) || exit 1; \
	done

sbom: $(SYNCED) ## The bill of materials of each image, into dist/
	@mkdir -p dist
	@for service in $$(ls services/*/Dockerfile | cut -d/ -f2); do $(BIN)/python -m tools.sbom $$service >dist/$$service.cdx.json; done

clean: ## Remove what was built here (not the running stack's data)
	@rm -rf .venv .cache $(RUST)/target .mypy_cache .ruff_cache .pytest_cache .hypothesis
