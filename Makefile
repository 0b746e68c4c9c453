# make demo   the main job: answers in, a checked CloudFormation template out, and its run on this machine
# make test   all tests; continuous integration runs this
# make test-lab  the lab with real programs: Go functions, scripts on Sail and on Spark
# make test-diagram  pictures, as Mermaid itself reads them
# make pictures  draw docs/*.svg anew
# make docs   write what docs/*.md say of rules, prices and commands anew
# make quick  the inner loop: scaffold's tests, without the CDK and Node
# make lint   golangci-lint with .golangci.yml (built once, takes minutes)
# make bench  the benchmarks of what has a speed target
# make clean  remove everything that make made
# Each target sets up what it needs by itself and skips what is done.

PYTHON ?= python3.11
# The CDK's command line waits for a network without this; jsii warns of Node 20 at every start.
export CDK_DISABLE_CLI_TELEMETRY := 1
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

GOLANGCI_LINT := v2.15.0

.PHONY: all demo test test-app test-pairs test-stacks test-job test-lab test-diagram pictures docs quick lint bench clean
all: test

# The lock file that npm writes into node_modules tells that it is complete.
node_modules/.package-lock.json: package-lock.json
	@command -v node >/dev/null || { echo "node is missing: the CDK needs it, install Node 22 or 24"; exit 1; }
	@case "$$(node --version)" in \
	v?.*|v1?.*) echo "node $$(node --version) is too old for the CDK: install Node 22 or 24"; exit 1;; \
	v20.*|v21.*) echo "node $$(node --version) is no longer maintained: install Node 22 or 24 soon";; esac
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

job := constructs/etljob/job
sql := constructs/weatherexport/sql
dag := constructs/weathersales
.venv/%/ready: $(job)/requirements-%.txt
	$(PYTHON) -m venv .venv/$*
	.venv/$*/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
.venv/%/ready: $(sql)/requirements-%.txt
	$(PYTHON) -m venv .venv/$*
	.venv/$*/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
.venv/%/ready: $(dag)/requirements-%.txt
	$(PYTHON) -m venv .venv/$*
	.venv/$*/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
.venv/tools/ready: .ci/requirements.txt
	$(PYTHON) -m venv .venv/tools
	.venv/tools/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

demo: node_modules/.package-lock.json
	@./.ci/demo

# After the quick tests, two targets at a time: each uses about one core and 2 GB.
test: quick
	@$(MAKE) --no-print-directory -j 2 test-app test-pairs test-stacks test-job test-lab test-diagram

quick:
	@test -z "$$(gofmt -l *.go constructs scaffold stacks)" || { gofmt -l *.go constructs scaffold stacks; echo "run gofmt -w on these"; exit 1; }
	go vet ./scaffold/...
	go test ./scaffold/...

# The app, the generated projects and the deployment.
test-app: node_modules/.package-lock.json .venv/tools/ready .venv/sail/ready
	go vet .
	go test -timeout 30m -skip EachPair .

# Every example with all pairs of answers.
test-pairs: node_modules/.package-lock.json .venv/tools/ready
	go test -timeout 30m -run EachPair .

# One package at a time: each links the CDK, which takes about 1 GB.
test-stacks: node_modules/.package-lock.json
	go vet ./constructs/... ./stacks/...
	go test -p 1 -timeout 30m ./constructs/... ./stacks/...

test-job: .venv/spark/ready .venv/sail/ready .venv/sql/ready .venv/airflow/ready
	.venv/sail/bin/python -m pytest -q -p no:cacheprovider $(job)
	.venv/sql/bin/python -m pytest -q -p no:cacheprovider $(sql)
	.venv/airflow/bin/python -m pytest -q -p no:cacheprovider $(dag)

# The examples' own programs, as the lab runs them.
test-lab: .venv/spark/ready .venv/sail/ready .venv/sql/ready
	go vet -tags programs ./scaffold/lab
	go test -tags programs -timeout 20m ./scaffold/lab
	go vet -tags programs ./scaffold
	go test -tags programs -run Docs ./scaffold

# Mermaid is for this test alone: 200 MB that nobody else needs.
mermaid := scaffold/diagram/testdata/mermaid
$(mermaid)/node_modules/.package-lock.json: $(mermaid)/package-lock.json
	npm ci --prefix $(mermaid) --no-audit --no-fund --loglevel=error
	@touch $@

test-diagram: $(mermaid)/node_modules/.package-lock.json
	go test -tags mermaid -run Mermaid ./scaffold/diagram

pictures:
	go test ./scaffold -run Pictures -update

# With the tag, the pages' runs of the lab too.
docs:
	go test -tags programs ./scaffold -run Docs -update

bin/golangci-lint:
	GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)

lint: bin/golangci-lint
	bin/golangci-lint run . ./constructs/... ./scaffold/... ./stacks/...

bench:
	go test -run '^$$' -bench . -benchmem ./scaffold/...

clean:
	rm -rf .venv bin cdk.out demo node_modules $(mermaid)/node_modules
