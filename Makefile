# Every verb is in make.py, which works without make too. More words for a verb: make test ARGS="-k spans"
PYTHON ?= python3
VERBS := help setup run test check audit sbom index evals fit bench soak cluster-test demo

.DEFAULT_GOAL := help
.PHONY: $(VERBS)

$(VERBS):
	@$(PYTHON) make.py $@ $(ARGS)
