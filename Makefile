# Thin: what a target does is a command of the manual. `make run` and `make test` install what is missing.
.PHONY: pictures run test setup check unit quick bench demo messages lock docs fuzz
PORT ?= 8000
BIN = .venv/bin
STAGES = core directory guidance intake monitoring cases coordination publishing subscriptions governance

run: setup
	@exec $(BIN)/cert-portal up --port $(PORT)

setup:
	@deploy/setup.sh run

test:
	@deploy/setup.sh test
	@$(MAKE) --no-print-directory check
	@exec $(BIN)/pytest -n 2 --dist worksteal $(STAGES:%=--cov=cert_portal.%) --cov-branch --cov-report=term:skip-covered --cov-fail-under=100

check:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest tests/test_architecture.py tests/test_docs.py --noconftest

unit:
	@$(BIN)/pytest -n 2 -m "not slow and not database" --ignore=tests/test_architecture.py

quick:
	@$(BIN)/pytest -n 2 -m "not slow" -k "not postgresql" --ignore=tests/test_architecture.py

bench:
	@deploy/setup.sh test
	@$(BIN)/python -m bench

fuzz:
	@deploy/setup.sh test
	@$(BIN)/python -m tests.fuzz mail -max_total_time=600 -max_len=20000
	@$(BIN)/python -m tests.fuzz forms -max_total_time=600 -max_len=20000

demo: setup
	@$(BIN)/cert-portal demo load --cases 2000

pictures:
	@$(BIN)/python -m deploy.pictures

docs:
	@$(BIN)/python deploy/documents.py

messages:
	@$(BIN)/python deploy/messages.py

lock:
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate deploy/requirements.in -o deploy/requirements.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate deploy/requirements-dev.in -o deploy/requirements-dev.txt
