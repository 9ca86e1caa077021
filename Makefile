# Two targets matter: demo and test. Both need Go, git and make, and nothing else.

GO     ?= go

.PHONY: build demo test short lint generate check-generated bench upstream clean

build:
	$(GO) build -o bin/gatehouse ./cmd/gatehouse

demo: build
	@conformance/demo/run bin/gatehouse

# All tests, those against a real Consul and upstream's opa included: both are built once, from their published modules, into .cache.
test: upstream
	$(GO) test -shuffle=on -timeout 20m ./...

# The inner loop: no server, no generated worlds at length.
short:
	$(GO) test -short -shuffle=on ./...

# Consul and opa, for the tests that hold us against them.
upstream:
	@$(GO) run ./conformance/upstream/build >/dev/null

lint:
	@unformatted=$$(gofmt -l cmd lang compiler policies targets conformance); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

# Rewrites every golden file and everything generated, by the tests that hold them; read the diff before committing it.
generate:
	GATEHOUSE_UPDATE=1 $(GO) test -short $$(grep -rl --include='*_test.go' GATEHOUSE_UPDATE . | xargs -n1 dirname | sort -u)

check-generated: generate
	@git diff --exit-code --stat || { echo "generated files are stale: run make generate"; exit 1; }

bench: build
	$(GO) run ./conformance/bench

clean:
	rm -rf bin .cache
