# The two commands of the README are `make run` and `make test`.
CARGO ?= cargo
export SQLX_OFFLINE = true
# Tests wait more than they work: for servers to start, leases to end, bounds to be reached.
export RUST_TEST_THREADS ?= 4

.PHONY: run test bench proof check deny fmt servers

run: servers   ## builds and starts Annals with its own PostgreSQL and NATS; Ctrl-C stops it
	@$(CARGO) build --workspace && exec ./target/debug/annals serve

test: servers   ## all tests, bounded
	$(CARGO) build --workspace --all-targets && $(CARGO) test --workspace

proof: servers   ## the long drills
	$(CARGO) build --workspace --all-targets
	ANNALS_PROOF_SECONDS=600 $(CARGO) test --workspace --test chaos -- --nocapture
	ANNALS_PROOF_SECONDS=600 $(CARGO) test --workspace --test http schemathesis::

bench: servers   ## prints the comparisons and writes bench/results
	$(CARGO) build --release --workspace && ./target/release/annals-bench

check:   ## what CI does not: style
	$(CARGO) fmt --all --check && $(CARGO) clippy --workspace --all-targets
	@$(MAKE) --no-print-directory deny

# Advisories come from a Git repository: without a network it says so, and the rest is looked at all the same.
deny:    ## licences, sources, bans and advisories of everything that is linked in, by deny.toml
	@if command -v cargo-deny >/dev/null; then \
	  cargo-deny --offline check licenses sources bans && \
	  if cargo-deny fetch db; then cargo-deny check advisories; \
	  else echo "The advisories cannot be reached: they are not looked at."; fi; \
	else echo "cargo-deny is not installed: cargo install cargo-deny --locked"; fi

fmt:
	$(CARGO) fmt --all

servers:
	@sh annals/install-servers.sh
