SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export PATH := $(CURDIR)/.tools/bin:$(PATH)

# CI builds what is committed; at the desk a build may update Cargo.lock.
locked := $(if $(CI),--locked)

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Run the whole product on this machine; CARTBACK_PORT chooses the port
	@scripts/need rust cc
	cargo run $(locked) -p cartback-cli --bin cartback -- local

.PHONY: test
test: ## Run every test; installs the test runner and the browser when they are missing
	@scripts/need rust cc browser cargo-nextest
	@scripts/need php || echo "The snippets in PHP are left out."
	@[[ -d $${CARTBACK_SHARED:-../shared}/payloads ]] || echo "The collected samples are not in CARTBACK_SHARED or ../shared: the tests that read them are left out."
	cargo test $(locked) --workspace --doc
# The browser test runs the command as people do, and cargo builds no other package's binary for it. By -p
# it would build the SDKs again, with the features of one package.
	cargo build $(locked) --workspace --bin cartback
	cargo nextest run $(locked) --workspace

.PHONY: lint
lint: ## Check format, lints, documentation and dependencies
	@scripts/need rust cc cargo-deny cargo-machete
	cargo fmt --all --check
# Modules that a macro declares are none to `cargo fmt`.
	rustfmt --check --edition 2024 $(wildcard shared/cartback/src/storefront/*.rs shared/cartback/src/storefront/*/mod.rs)
	cargo clippy $(locked) --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(locked) --workspace --no-deps
	cargo machete
	benches/size packages
	@echo "The core has no runtime, no HTTP and no AWS beneath it:"
	core=$$(cargo tree $(locked) -p cartback -e normal --prefix none); ! grep -E '^(aws-|hyper|mio|tokio)' <<<"$$core"
# The advisories come from a git repository that a closed network does not reach; the rest never leaves the machine.
	@checks="bans licenses sources"; \
	if GIT_TERMINAL_PROMPT=0 cargo deny fetch db >/dev/null 2>&1; then checks="advisories $$checks"; \
	else echo "The advisory database is out of reach: advisories were NOT checked."; fi; \
	set -x; cargo deny $(locked) check --hide-inclusion-graph $$checks

FUNCTIONS := ingest fetch links stage feedback publish

cargo-lambda := PATH="$(CURDIR)/.tools/e2e/bin:$$PATH" cargo lambda

.PHONY: release
release: ## Build the functions as they are deployed, for x86-64, into target/lambda
	@scripts/need rust cc e2e-tools
	$(cargo-lambda) build $(locked) --release --x86-64 $(FUNCTIONS:%=-p %)

# What is measured, and what measures it; the render of its own, as its packages would change the others.
.PHONY: bench-build
bench-build: release
	@scripts/need bench-peers
	benches/peers/build
	$(cargo-lambda) build $(locked) --release --x86-64 -p hello
	cargo build $(locked) --profile optimised -p cartback-cli -p cartback-benches --bins
	cargo build $(locked) --profile optimised -p render

.PHONY: bench
bench: bench-build ## Measure everything beside Node and Python, and write docs/benchmarks.md; PART=sweep shows one part
	./target/optimised/bench $(PART)

.PHONY: bench-quick
bench-quick: bench-build ## The same rows with smaller counts; writes nothing
	./target/optimised/bench --quick $(PART)

.PHONY: size
size: release ## Build the functions as they are deployed, and hold their zips against benches/size.txt
	benches/size zips

.PHONY: guarantees
guarantees: ## Break every promise on purpose and by faults, and print the figures of docs/guarantees.md; TRACE="deaf 409" tells one world
	@scripts/need rust cc
	cargo run $(locked) --profile simulation -p cartback-simulation --bin guarantees -- $(if $(TRACE),trace $(TRACE),$(if $(EXTENDED),--extended))

.PHONY: abuse
abuse: ## Forge a million signatures, break a million messages, name one victim 100,000 times; SEED=7 for others
	@scripts/need rust cc
	cargo run $(locked) --profile simulation -p cartback-abuse --bin abuse -- $(SEED)

TARGET ?= shopify
TIME ?= 60
# What libFuzzer steers by. No sanitizer, which needs a nightly compiler: our code has no unsafe to sanitize.
coverage := -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
	-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing

.PHONY: fuzz
fuzz: ## Let libFuzzer look for TIME seconds for what breaks a TARGET: a storefront's name, or token
	@scripts/need rust cc
# With a target named, the flags are not those of build scripts.
	host=$$(rustc -vV | sed -n 's/^host: //p'); \
	RUSTFLAGS="$(coverage)" cargo build $(locked) --release --target "$$host" --manifest-path fuzz/Cargo.toml --bin $(TARGET); \
	mkdir -p fuzz/corpus/$(TARGET) fuzz/artifacts; \
	"fuzz/target/$$host/release/$(TARGET)" -max_total_time=$(TIME) -timeout=5 -max_len=65536 -artifact_prefix=fuzz/artifacts/ \
		fuzz/corpus/$(TARGET) $(wildcard shared/cartback/fixtures/storefront/$(TARGET))

.PHONY: mails
mails: ## Hold every mail and page to MIME, HTML, accessibility, inboxes, SpamAssassin and rspamd, and draw them
	@scripts/need rust cc browser mail-tools
	rm -rf target/mails
	cargo build $(locked) --workspace --bin mails
	./target/debug/mails target/mails
	rm -rf .tools/mails/gates && cp -r infra/mails .tools/mails/gates
	timeout 10m node .tools/mails/gates/check.mjs target/mails

KILLS ?= 220

.PHONY: kills
kills: ## Kill the local runner KILLS times under load, and print what was lost, sent twice or forgotten
	@scripts/need rust cc
	cargo build $(locked) --workspace --bin cartback --bin kills
	./target/debug/kills $(KILLS)

.PHONY: contract
contract: ## Hold the DynamoDB at ENDPOINT to what the store needs of one
	@scripts/need rust cc cargo-nextest
	CARTBACK_DYNAMODB_ENDPOINT=$(ENDPOINT) cargo nextest run $(locked) -p cartback-tests --test it -E 'test(/^(store|emulated|limits|restore)::/)'

# The decision, the fold, the sending protocol, and what holds it back.
MODULES ?= brake cart cart/facts contact decide decide/channel evidence offer policy pulse record remind remind/decided remind/settle rival sequence sequence/log stamp standing sweep

.PHONY: mutants
mutants: ## Change the rules line by line, and list the changes that no test notices; MODULES="stamp" takes one
	@scripts/need rust cc cargo-mutants
# What the quick tests miss (2, or 3 if one ran out of time) the thorough ones try again.
	cargo mutants $(MODULES:%=--file shared/cartback/src/%.rs) || [[ $$? == [23] ]]
	cargo mutants --iterate --config .cargo/mutants-thorough.toml $(MODULES:%=--file shared/cartback/src/%.rs)

.PHONY: model
model: ## Check the model of the sending protocol, and that its broken variants are caught
	@scripts/need cc spin
	docs/model/check

.PHONY: template
template: ## Check infra/template.yaml as it is and as CloudFormation sees it
	@scripts/need template-tools
	infra/checks/run

.PHONY: invoke
invoke: ## Run every function in cargo lambda watch, and invoke it with each of its samples
	@scripts/need rust cc template-tools e2e-tools
	.tools/e2e/bin/python infra/e2e/invoke.py

.PHONY: e2e
e2e: $(if $(DEBUG),,release) ## Deploy the release on an AWS emulator, and drive it through its public doors; DEBUG=1 builds no release
	@scripts/need rust cc template-tools e2e-tools ses-emulator
	cargo build $(locked) --workspace --bin cartback $(if $(DEBUG),$(FUNCTIONS:%=--bin %))
	.tools/e2e/bin/python infra/e2e/run.py $(if $(DEBUG),"$(CURDIR)/target/debug/{}")

.PHONY: clean-local
clean-local: ## Forget everything the demo has stored
	rm -rf .local
