# Laconic's commands. `make demo` and `make test` do all their own set-up.
SWIFT ?= swift

.PHONY: all demo test fuzz build libtorch docs format lint bench clean

all: build

libtorch:
	@Scripts/libtorch.sh

build: libtorch
	$(SWIFT) build -c release --product laconic

demo: build
	.build/release/laconic demo $(ARGS)

test: libtorch
	$(SWIFT) test

# The fuzz tests, as many times over as ROUNDS says.
ROUNDS ?= 100
fuzz: libtorch
	LACONIC_FUZZ_ROUNDS=$(ROUNDS) $(SWIFT) test --filter FuzzTests

# Times Laconic against TRL on this machine; needs the peers of Scripts/bench/requirements.txt.
bench: build
	@[ -x .venv/bin/python ] || python3 -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r Scripts/bench/requirements.txt
	.venv/bin/python Scripts/bench/compare_trl.py $(ARGS)

# The libraries' reference pages, below .build/docs.
docs: libtorch
	SWIFT=$(SWIFT) Scripts/docs.sh

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Packages/CTorch/Package.swift Sources Tests

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Packages/CTorch/Package.swift Sources Tests

clean:
	rm -rf .build
