# Every command of the project. `make demo` and `make test` need nothing but this checkout: they set up what is missing.
CACHE := $(or $(CONNECTOR_OPERATOR_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/connector-operator)
UV_VERSION := 0.13.9
UV := $(or $(shell command -v uv 2>/dev/null),$(CACHE)/uv-$(UV_VERSION)/bin/uv)
RUN := $(UV) run --frozen --all-packages
LOCAL := cd deploy/local && $(RUN)
SOURCES := operator/src runtime-image/src deploy/local tests

.DEFAULT_GOAL := help
.PHONY: help init demo demo-down test check unit scenario contract connectors browser cluster faults-sample faults e2e crds golden images bench-operator bench-runtime bench-feel bench-connectors modeler templates-differential official-templates differential soak format

help: ## say what there is
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

init: $(UV) ## make the virtual environment from the lock file
	@$(UV) sync --frozen --all-packages --quiet

# uv is taken from the PATH; where there is none, pip brings it into the cache
$(UV):
	@echo "installing uv $(UV_VERSION) into $(CACHE)"
	@python3 -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: install python3.11 and put it first on the PATH")'
	@python3 -m venv $(CACHE)/uv-$(UV_VERSION)
	@$(CACHE)/uv-$(UV_VERSION)/bin/pip install --quiet uv==$(UV_VERSION)

demo: init ## run the main job on a real cluster and a real Zeebe (CLUSTER=current: on that of KUBECONFIG)
	@$(LOCAL) python -m main_job demo

demo-down: init ## take away everything that the demo brought
	@$(LOCAL) python -m main_job down

test: init ## everything that has an answer: checks, unit, scenario, contract, connectors, browser, cluster, a sample of faults, end to end
	@$(RUN) python tests/parts.py check unit scenario contract connectors browser cluster faults-sample e2e

check: init ## style, types, layers, generated files and unit tests, in under a minute
	@$(RUN) python tests/parts.py check unit

unit scenario contract connectors browser cluster faults-sample e2e: init ## one part of the tests
	@$(RUN) python tests/parts.py $@

crds: init ## write all generated files: crds/, the admission policies, element templates, docs
	@$(RUN) connectors crds --to crds
	@$(RUN) connectors admission --to deploy/base
	@$(RUN) connectors reference --to docs
	@$(RUN) python -m camunda_feel.reference docs/feel.md
	@$(RUN) connector-runtime template --all --to runtime-image/element-templates
	@$(RUN) python -m connectors --to docs/connectors

golden: init ## refresh the golden files of the tests, to be reviewed in the diff
	@$(RUN) python -m pytest -q tests/unit/rendering --refresh-golden

images: init ## build the images and bring them into the local cluster
	@$(LOCAL) python -m local_cluster images

bench-operator: init ## the operator at scale beside a bare writer; writes its table into docs/benchmarks.md
	@PYTHONPATH=deploy/local:tests/support $(RUN) python tests/bench/operator

bench-runtime: init ## the runtime beside the official one and pyzeebe, on one Zeebe; writes its table into docs/benchmarks.md
	@$(RUN) python tests/bench/runtime --write

bench-feel: init ## FEEL beside Camunda's engine on a JVM and feelin on Node; writes its table into docs/benchmarks.md
	@PYTHONPATH=tests/support:tests/differential/feel:tests/bench/feel $(RUN) python -m feel_bench --to docs/benchmarks.md

faults: init ## every fault case against a real API server; about 20 minutes on two quiet cores
	@PYTHONPATH=deploy/local:tests/support:tests $(RUN) python -m faults

modeler: init ## every element template filled in in Camunda's modeler, deployed to Zeebe and executed (needs Node.js)
	@$(RUN) python tests/modeler

bench-connectors: init ## jobs/s, CPU and memory of REST, SQL, Kafka and RabbitMQ; writes its table into docs/benchmarks.md
	@$(RUN) python tests/bench/connectors --write

templates-differential: init ## our verdicts on element templates beside those of Modeler's validator (needs Node.js)
	@PYTHONPATH=tests/support $(RUN) python tests/differential/templates

official-templates: init ## what Camunda's own element templates in OFFICIAL_TEMPLATES=FOLDER write beside what our connectors take
	@PYTHONPATH=tests/support $(RUN) python tests/differential/official $(OFFICIAL_TEMPLATES)

differential: init ## the same jobs through Camunda's runtime and ours (needs Maven and a JDK)
	@$(RUN) python tests/differential/runtime --write

soak: init ## an hour of load and mixed faults, MINUTES=n for less; every job accounted for
	@$(RUN) python tests/soak --minutes $(or $(MINUTES),60)

format: init ## format all code
	@$(RUN) ruff format --quiet $(SOURCES)
	@$(RUN) ruff check --quiet --fix $(SOURCES)
