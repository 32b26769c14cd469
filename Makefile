# The commands of the checkout; `make help` lists them. What they do stands in tools/.

MAKEFLAGS += --no-print-directory

.PHONY: help setup build test test-servers lint bench asan demo clean
help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 21

demo: build ## set up, build, and paint a real clip
	@tools/demo

setup: ## install what is missing
	@tools/setup

build: setup ## leave the program in build/impasto
	@tools/build build

test: build ## run all tests
	@ctest --test-dir build --output-on-failure --parallel $$(tools/jobs) --label-exclude servers

test-servers: build ## run the tests that need the object stores' own servers, and install those
	@tools/setup --servers
	@ctest --test-dir build --output-on-failure --label-regex servers

lint: setup ## clang-format and clang-tidy over everything that is ours
	@tools/setup --lint
	@tools/build build --configure-only
	@tools/lint build

asan: setup ## run all tests under the address and undefined-behaviour sanitizers
	@tools/build build-asan -DIMPASTO_ASAN=ON
	@TBB_ENABLE_SANITIZERS=1 ASAN_OPTIONS=quarantine_size_mb=16:use_sigaltstack=0 \
	  LSAN_OPTIONS=suppressions=$(CURDIR)/tools/lsan.supp:print_suppressions=0 \
	  ctest --test-dir build-asan --output-on-failure --label-exclude servers

bench: build ## measure speed, memory and quality, beside ONNX Runtime and OpenVINO with NNCF
	@tools/setup --peers
	@bench/run

clean: ## remove what was built (.deps, which the set-up fills, stays)
	@rm -rf build build-asan
