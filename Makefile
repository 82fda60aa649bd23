# Every command of the project; CI runs the same ones. `make` alone lists them.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The Python that the virtual environment is made from.
PYTHON3 ?= python3
PYTHON := .venv/bin/python
LOCAL := $(PYTHON) supabase/local

# The lock is whole, so nothing is left to resolve; what is imported is compiled when it is.
PIP := $(PYTHON) -m pip --quiet --disable-pip-version-check install --no-deps --no-compile

# Handed over as it was typed: without this, make would read a `$` in it as a variable of its own.
override export WHO := $(value WHO)

.PHONY: help
help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ── Set-up ───────────────────────────────────────────────────────────────────────────────────────────────
# The stamps are newer than the locks when there is nothing to do. What is said goes to standard error, so
# that `make stack-env` and `make token` print their result and nothing else, on a new machine too.

.PHONY: setup
setup: .venv/.installed node_modules/.installed ## Install everything that is pinned, if anything changed.

.venv/.installed: requirements-dev.lock pyproject.toml
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >&2 || { \
	  echo "Python 3.11 or later is needed. Install one, or name it: make setup PYTHON3=python3.12" >&2; exit 1; }
	@echo "Installing the Python packages …" >&2
	@test -x $(PYTHON) || $(PYTHON3) -m venv .venv >&2 || { \
	  echo "The venv module is missing. On Debian: apt-get install python3-venv" >&2; rm -rf .venv; exit 1; }
	@$(PIP) --require-hashes -r requirements-dev.lock >&2
	@$(PIP) --no-build-isolation -e . >&2
	@touch $@

node_modules/.installed: package.json package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' >&2 || { \
	  echo "Node 20 or later is needed, with npm: the database and its tools are npm packages." >&2; exit 1; }
	@echo "Installing the npm packages …" >&2
	@npm ci --ignore-scripts --loglevel=error >&2
	@touch $@

# ── The main job ─────────────────────────────────────────────────────────────────────────────────────────

.PHONY: run
run: setup ## Do the whole job through the real functions and show the result. ONCE=1 stops after it.
	@$(LOCAL) demo

# ── The local stack ──────────────────────────────────────────────────────────────────────────────────────

.PHONY: stack
stack: setup ## Have database, PostgREST, gateway and functions run in the background.
	@$(LOCAL) up $(if $(STACK_EXTERNAL),,--seed)

.PHONY: stack-env
stack-env: setup ## Print its addresses and keys as KEY=value lines.
	@$(LOCAL) env

.PHONY: stack-status
stack-status: setup ## Show what runs.
	@$(LOCAL) status

.PHONY: stack-down
stack-down: setup ## Stop exactly what `make stack` started.
	@$(LOCAL) down

.PHONY: stack-reset
stack-reset: setup ## Stop it and drop its data.
	@$(LOCAL) reset

.PHONY: token
token: setup ## Print a JWT: make token WHO=anna@example.com, or a role such as event_recorder.
	@$(LOCAL) token -- "$$WHO"

.PHONY: tokens
tokens: setup ## Print a JWT for each of the functions' own roles: make tokens DAYS=90.
	@$(LOCAL) tokens --days $(or $(DAYS),90)

.PHONY: connect
connect: setup ## Connect an ad account, trying it first: make connect ACCOUNT="google_ads 1234567890".
	@$(PYTHON) -m functions.campaign_sync.connect $(ACCOUNT)

.PHONY: sync
sync: setup ## Fetch months of an ad account: make sync ACCOUNT="google_ads 1234567890 2026-01-01 2026-10-31".
	@$(PYTHON) -m functions.campaign_sync.backfill $(ACCOUNT)

# ── Quality ──────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: test
test: setup ## Run every test that CI runs.
	@$(PYTHON) -m pytest

.PHONY: lint
lint: setup ## Check style, types and SQL.
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@$(PYTHON) -m sqlfluff lint --dialect postgres supabase/migrations supabase/seed.sql supabase/snippets supabase/tests
	@.venv/bin/squawk supabase/migrations/*.sql

.PHONY: format
format: setup ## Settle the style of Python and SQL.
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

.PHONY: lock
lock: setup ## Resolve the Python packages anew: make lock UPGRADE=1 takes the newest.
	@compile() { .venv/bin/uv -q pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) "$$@" >/dev/null; } && \
	  compile --all-extras -o requirements-dev.lock && \
	  compile --no-annotate -c requirements-dev.lock -o requirements.lock

.PHONY: package
package: setup ## Write build/functions: a folder a function, to be deployed as it is.
	@$(PYTHON) -m deploy package

# Bruno's command line is larger than all the rest, so it is fetched by whoever wants it.
.PHONY: requests
requests: stack ## Run docs/bruno, a request for each thing there is to do, against the local stack.
	@set -a && eval "$$($(LOCAL) env)" && cd docs/bruno && npx --yes @usebruno/cli@4.1.0 run -r --env local

.PHONY: api-docs
api-docs: setup ## Write build/api/index.html: the functions' API, to read and to try.
	@$(PYTHON) -m deploy api-docs

.PHONY: rehearse
rehearse: setup ## Try the functions of a commit on the schema of now, and the other way round: make rehearse FROM=HEAD~1.
	@PYTHONPATH=supabase/local $(PYTHON) -m deploy rehearse "$(or $(FROM),HEAD~1)"

.PHONY: bench
bench: setup ## Measure ratios against the limits, one run.
	@PYTHONPATH=supabase/local $(PYTHON) -m bench $(BENCH)

.PHONY: soak
soak: setup ## Count for ten minutes, as fast as it goes: nothing lost, memory flat.
	@PYTHONPATH=supabase/local $(PYTHON) -m bench.soak $(SOAK)

.PHONY: lighthouse
lighthouse: setup ## Have Google's Lighthouse look at the three firms' pages. It wants Chromium; LIGHTHOUSE=--help.
	@PYTHONPATH=supabase/local $(PYTHON) -m bench.lighthouse $(LIGHTHOUSE)

.PHONY: year
year: setup ## Let 10,000 partners live through a year, and say what that comes to. An hour or more; YEAR=--help.
	@PYTHONPATH=supabase/local $(PYTHON) -m bench.year $(YEAR)

.PHONY: fuzz
fuzz: setup ## Deliver nearly right webhooks for five minutes. FUZZ_SECONDS and FUZZ_SEED change which.
	@export FUZZ_SECONDS=$${FUZZ_SECONDS:-300} FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} && \
	  echo "FUZZ_SEED=$$FUZZ_SEED" >&2 && $(PYTHON) -m pytest -q -s tests/flows/test_webhook_fuzz.py

.PHONY: types
types: stack ## Write supabase/types, the rows in Python and TypeScript, anew from the local database.
	@set -a && eval "$$($(LOCAL) env)" && export PGSSLMODE=disable SUPABASE_TELEMETRY_DISABLED=1 && \
	  for file in python:database_types.py typescript:database.types.ts; do \
	    node_modules/.bin/supabase gen types --lang "$${file%%:*}" --remote="$$SUPABASE_DB_URL" > .stack/types && \
	    mv .stack/types "supabase/types/$${file#*:}" || exit 1; \
	  done
