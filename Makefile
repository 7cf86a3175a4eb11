# Commands for people who work on hg-lfs; the README tells which are for users.

PYTHON ?= python3
# the Mercurial that is tested with, and the one whose run-tests.py is used
HG ?= 7.2.4
HGTESTS = 7.2.4
MATRIX = 7.2.4 7.1.2 7.0.3 6.9.5 6.7.4 6.3.3
CACHE = .cache
BENCH = files
ENV = $(CACHE)/hg-$(HG)
BIN = $(ENV)/bin
HARNESS = $(CACHE)/mercurial-$(HGTESTS)
# Mercurial's client for a resident hg makes .t tests a third faster; needs a C compiler
CHG = $(if $(shell command -v cc),$(HARNESS)/contrib/chg/chg)
# what knows nothing of Mercurial
PURE = $(addprefix hgext3rd/hglfs/,lfs clonebundles/blobpack.py clonebundles/manifest.py \
    clonebundles/client/bundleremote.py clonebundles/client/packremote.py \
    $(patsubst %,clonebundles/server/%.py,catalog catalogfile formats health lease \
    manifestentries packfile packplan policy prune publish pullbundles regions \
    statefolder))
# tests that go through every tool and every fault, and take longest: a command of their own
SWEEPS = $(patsubst %,test-%.t,history-exchange history-files history-merge \
    history-rewrite history-tools crossover coexist output require require-lies \
    bundles-blobs bundles-chains bundles-chains-faults bundles-faults bundles-worker)
CHECKED = $(filter-out $(SWEEPS),$(notdir $(wildcard tests/test-*.t)))
# nothing of the caller's Mercurial or pip configuration may leak into the tests
CLEAN = env -u PYTHONUNBUFFERED -u PYTHONPATH -u HGRCPATH -u HGPLAIN -u HGUSER

.PHONY: test sweeps test-real matrix lint docs demo bench install clean

test: lint install $(HARNESS) $(CHG)
	$(CLEAN) $(BIN)/python -m pytest -q -rs -n 2 --dist worksteal tests --ignore tests/real
	$(CLEAN) $(BIN)/python contrib/checks/hgtests.py $(addprefix --chg=,$(CHG)) \
	    $(HARNESS) $(BIN)/hg tests $(CHECKED)

sweeps: install $(HARNESS)
	$(CLEAN) $(BIN)/python contrib/checks/hgtests.py $(HARNESS) $(BIN)/hg tests $(SWEEPS)

test-real: install $(HARNESS)
	contrib/checks/real-components
	$(CLEAN) $(BIN)/python contrib/checks/hgtests.py $(HARNESS) $(BIN)/hg tests/real

# the tests that a user's Mercurial can fail (lfs/ has none of it), on every version supported
matrix: $(HARNESS) $(CHG)
	failed=; for version in $(MATRIX); do \
	    $(MAKE) HG=$$version matrix-one || failed="$$failed $$version"; \
	done; test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

.PHONY: matrix-one
matrix-one: install
	$(CLEAN) $(BIN)/python -m pytest -q -rs -n 2 --dist worksteal tests --ignore tests/real \
	    --ignore tests/lfs
	$(CLEAN) $(BIN)/python contrib/checks/hgtests.py $(addprefix --chg=,$(CHG)) \
	    $(HARNESS) $(BIN)/hg tests

lint: $(ENV)/ready
	$(BIN)/ruff check hgext3rd tests contrib setup.py
	$(BIN)/ruff format --check hgext3rd tests contrib setup.py
	$(BIN)/mypy hgext3rd/hglfs tests/support/memory.py
	$(BIN)/mypy --strict $(PURE)
	PYTHONPATH=hgext3rd $(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/python contrib/checks/budget.py hgext3rd/hglfs

# settings, tables and completions are generated; then all pages, checked, as HTML
docs: $(ENV)/ready
	$(BIN)/python contrib/bench/bench docs
	$(BIN)/python contrib/checks/completion.py
	$(BIN)/python contrib/checks/docs.py build/docs

demo: install
	$(CLEAN) $(BIN)/python contrib/demo.py $(BIN)/hg

# ours beside its peers; BENCH='files --small' tries it, BENCH=--help lists benchmarks
bench:
	$(CLEAN) $(PYTHON) contrib/bench/bench $(BENCH)

install: $(ENV)/ready
	rm -rf build hg_lfs.egg-info
	$(BIN)/pip install -q --no-deps --force-reinstall .

$(ENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(ENV)
	$(BIN)/pip install -q 'setuptools>=61' wheel mercurial==$(HG)
	$(BIN)/python contrib/checks/requirements.py pyproject.toml test \
	    > $(ENV)/requirements.txt
	$(BIN)/pip install -q -r $(ENV)/requirements.txt
	touch $@

$(HARNESS): | $(ENV)/ready
	$(BIN)/python contrib/checks/fetchtests.py $(HGTESTS) $@

$(HARNESS)/contrib/chg/chg: | $(HARNESS)
	$(MAKE) -C $(dir $@) chg

clean:
	rm -rf $(CACHE) build hg_lfs.egg-info
