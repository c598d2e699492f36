# make demo   sets up, reads two samples, shows what was found, what does not add up, and where the files lie
# make test   sets up, runs the linters, the type checker, the import contracts and the tests
# make bench  side by side with a peer, in an environment of its own

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint bench lock clean

demo: $(READY)
	$(BIN)/extractor extract samples/d-shuiwu.txt -o out/demo --format json,html,xlsx
	$(BIN)/extractor extract samples/d-canlian.pdf -o out/demo --format json,html,xlsx
	$(BIN)/extractor check out/demo/d-shuiwu.json --fail-on never
	$(BIN)/extractor summarize out/demo/d-shuiwu.json -o out/demo/d-shuiwu.review.docx

test: $(READY) lint
	$(BIN)/python -m pytest -rs

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

bench: $(READY)
	$(PYTHON) -m venv .cache/bench
	.cache/bench/bin/python -m pip install --quiet --disable-pip-version-check -e '.[bench,dev,ocr]'
	.cache/bench/bin/python -m benchmarks.grounding
	.cache/bench/bin/python -m benchmarks.rules
	.cache/bench/bin/python -m benchmarks.model
	.cache/bench/bin/python -m benchmarks.masking
	.cache/bench/bin/python -m benchmarks.evaluation
	.cache/bench/bin/python -m benchmarks.reviews
	.cache/bench/bin/python -m benchmarks.reading

lock:
	uv pip compile pyproject.toml --extra dev --extra ocr --universal --python-version 3.11 --generate-hashes --no-emit-index-url --output-file requirements.lock

clean:
	rm -rf $(VENV) .cache out dist build
