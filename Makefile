# Two commands for a fresh clone: `make demo` and `make test`. Everything lands in .venv and instance/.

PORT ?= 8000
STUDENTS ?= 400
PRESET ?= standard
PYTHON ?= python3
BIN := .venv/bin

# What is tested on PostgreSQL too: what asks the database in ways of its own. `make test-long` runs everything there.
FORMS_AND_SHEETS := $(patsubst %,tests/systems/test_%.py,office_accounts office_pages office_registration office_support \
	record_download record_history record_reports)
ON_POSTGRESQL := tests/test_migrations.py tests/test_real_feeds.py \
	$(filter-out $(FORMS_AND_SHEETS),$(wildcard tests/systems/test_record_*.py tests/systems/test_office*.py)) \
	$(addprefix tests/systems/test_,absences.py drafts.py messages.py notices.py openid.py undelivered.py view_as.py \
	x_ours.py) \
	$(addprefix tests/services/test_,backup.py feeds_bulk_and_delta.py feeds_notices.py feeds_office.py feeds_record.py \
	feeds_undo.py housekeeping.py outbox.py prepared.py record.py search.py visibility.py worker.py)

.PHONY: demo test test-long lint locales pictures bench clean

.venv/portal: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/tests: .venv/portal requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

demo: .venv/portal  ## Make a demo district and serve it on 127.0.0.1:$(PORT)
	@$(BIN)/flask locales compile >/dev/null
	@$(BIN)/flask demo --students $(STUDENTS) --preset $(PRESET)
	@$(BIN)/flask demo personas
	@echo
	@echo "Homeroom is at http://127.0.0.1:$(PORT)  —  its mail at http://127.0.0.1:$(PORT)/demo/mail  —  Ctrl+C ends it."
	@echo "Staff: http://127.0.0.1:$(PORT)/office/sign-in, with a code of $(BIN)/flask demo codes"
	@PORTAL_CONFIG=instance/demo/portal.toml PORT=$(PORT) PORTAL_PORTAL_URL=http://127.0.0.1:$(PORT) sh deploy/demo.sh

test: .venv/tests  ## Check and test on SQLite, in the browser, and on PostgreSQL what asks it in ways of its own
	@sh tests/install.sh
	@$(BIN)/flask locales compile
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 -m "not long"
	sh tests/on_postgresql.sh $(BIN)/pytest -n 2 -m "not browser" $(ON_POSTGRESQL)

test-long: test  ## The same, every page in a made-up language, and every test on PostgreSQL: a quarter of an hour more
	$(BIN)/pytest -n 2 -m long
	sh tests/on_postgresql.sh $(BIN)/pytest -n 2 -m "not browser"
	KILLS=100 $(BIN)/pytest tests/services/test_worker.py -k killed -rP

lint: .venv/tests  ## Style, types, catalogs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/flask locales check
	@sh tests/install.sh
	sh tests/catalogs.sh

locales: .venv/portal  ## Collect the sentences, merge them into every language, check and compile
	$(BIN)/flask locales extract
	$(BIN)/flask locales check
	$(BIN)/flask locales compile

pictures: .venv/tests  ## Take the pictures of the tour anew, from a demo made anew
	$(BIN)/python tests/pictures.py

bench: .venv/tests  ## Measure against the same work written by hand
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv instance/demo
