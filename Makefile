# Two commands on a bare machine do everything: make try, make test.
PKG = htop
DISTRO = debian
CMD =
PYTHON =
SCALE = 1
SECONDS = 60
SEED = 20261129
PREFIX = /usr/local
ONLY =
ON =
FEATURES =
AGAIN =
export PYTHON PREFIX
# where it is set, as in many images of CI, each start of Python compiles all modules again: twice the time of a start
unexport PYTHONDONTWRITEBYTECODE

python = .venv/bin/python
# tests with an engine at a time: three where each worker can have a host name of its own, as root on Linux can; with
# two, two cores had nothing to do for a sixth of the time, while both waited for an engine, a timeout or a signal
WORKERS := $(if $(filter Linux0,$(shell uname)$(shell id -u)),3,0)
side_by_side = --numprocesses $(WORKERS) --dist loadgroup --no-loadscope-reorder
# each job's output in one piece, where make can
two_at_a_time = $(MAKE) --no-print-directory --jobs 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync)
# what needs no engine, in pieces of a like length: no core waits for the types or for the lint, and no test is collected
# twice, as each worker of xdist collects them all
piece_contract = tests/contract
piece_inspect = tests/unit/inspect tests/unit/specs
piece_cli = tests/unit/cli $(wildcard tests/unit/test_*.py)
piece_others = $(filter-out %__pycache__ %fakes $(piece_inspect) $(piece_cli),$(patsubst %/,%,$(wildcard tests/unit/*/)))
# without a terminal there is nobody to use a shell
command = $(or $(CMD),$(firstword $(subst =, ,$(or $(PKG),bash))) --version)
# programs that run in a sandbox or on a host: they stand beside the module that sends them
programs = $(shell git ls-files 'src/*.sh' 'src/*.pl' 'src/*.js' 'src/*.rb' 'src/*.nix')
scripts = $(filter-out %.py,$(wildcard scripts/*)) tests/engines/enter tests/mutants/alone.sh $(wildcard .ci/run examples/*.sh findings/*.sh tests/lab/families/apt/make-index)

.DEFAULT_GOAL = help
.PHONY: help setup engine base lab linters tools try fast quick test full lint format types unit contract integration bench before growth engines engines-smallest podman screens storm terminals mutants fargate fuzz prove sessions truth boots purges sboms install uninstall dist record docs findings clean

help: ## list what make can do here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## .venv with the project and its tools (PYTHON=python3.x)
	@scripts/setup

engine: setup ## make sure a container engine answers: use, start or install one
	@scripts/engine

base: engine ## make sure of the base image of DISTRO: pull it, else build it
	@scripts/base $(DISTRO)

lab: base ## build the images in which the tests run real package managers
	@$(python) -m tests.lab.build

try: base ## try PKG on DISTRO in a throwaway shell, or run CMD there
	@if [ -t 0 ] && [ -t 1 ] && [ -z "$(CMD)" ]; then exec .venv/bin/sandbox try $(PKG) --distro $(DISTRO); \
	else exec .venv/bin/sandbox try $(PKG) --distro $(DISTRO) -- $(command); fi

linters: setup
	@scripts/packages shellcheck dash busybox mandoc zsh fish

tools: linters
	@scripts/packages mmdebstrap docker-compose tmux chromium ssh:openssh-client dpkg-scanpackages:dpkg-dev gpg gpg-agent
	@# where systemd runs, its package would leave a server listening
	@[ -d /run/systemd/system ] || scripts/packages /usr/sbin/sshd:openssh-server

piece-%: linters
	@$(python) -m pytest --quiet $(piece_$*)

fast: types piece-contract piece-cli piece-inspect piece-others lint

quick: export SANDBOX_REQUIRE_ENGINE = 1
quick: DISTRO = debian
quick: base ## lint, types, unit and contract tests, and one real try: what to run before a commit
	@$(two_at_a_time) fast
	@.venv/bin/sandbox try hello --distro debian --no-trace --quiet -- hello

test: export SANDBOX_REQUIRE_ENGINE = 1
test: DISTRO = debian
ifeq ($(ONLY),)
test: setup ## lint, types and all tests; fails without an engine (ONLY=promote: the tests of one room)
	@# the images are built while the tests that need none run: what comes first begins first
	@$(two_at_a_time) lab tools fast DISTRO=debian
	@$(python) -m pytest --quiet $(side_by_side) tests/integration
else
test: tools lab
	@$(python) -m pytest --quiet $(side_by_side) --only $(ONLY) tests
endif

full: export SANDBOX_REQUIRE_ENGINE = 1
full: tools lab ## the rows of matrices, and the tests, that make test leaves out
	@$(python) -c 'import cfnlint' 2>/dev/null || $(python) -m pip install --quiet cfn-lint
	@$(python) -m pytest --quiet $(side_by_side) -m full tests

lint: linters ## ruff, shellcheck, and the shells that read the programs of src
	@$(python) -m ruff check --quiet
	@$(python) -m ruff format --check --quiet
	@mandoc -T lint -W warning man/*.1
	@shellcheck $(scripts) $(filter %.sh,$(programs))
	@shellcheck --shell bash src/sandbox/cli/completion.bash
	@! grep -n 'shellcheck disable' $(programs)
	@scripts/lint-programs $(programs)
	@# a long file is no fault, but worth a look: it may hold a second noun
	@git ls-files 'src/*.py' | xargs wc -l | awk '$$1 > 450 && $$2 != "total" { print "long: " $$2 ", " $$1 " lines" }'

rooms: setup ## print the rooms of src, and which imports which
	@$(python) -m tests.rooms

format: setup ## let ruff rewrite the sources
	@$(python) -m ruff check --fix --quiet
	@$(python) -m ruff format --quiet

types: setup ## mypy --strict
	@$(python) -m mypy

unit: setup ## the tests that need nothing but Python
	@$(python) -m pytest --quiet tests/unit

contract: setup ## every entry of every registry against the same claims
	@$(python) -m pytest --quiet tests/contract

integration: export SANDBOX_REQUIRE_ENGINE = 1
integration: tools lab ## the tests with a real engine and real package managers
	@$(python) -m pytest --quiet $(side_by_side) tests/integration

ifeq ($(ON),)
bench: lab ## compare docker run and piuparts, as root, 10 minutes; docs/evidence/performance.md (ON=docker-28-containerd: there)
	@scripts/packages piuparts debootstrap
	@$(python) bench/run.py
else
bench: base
	@scripts/packages mmdebstrap runc ip:iproute2
	@for kind in $(ON); do $(python) bench/run.py --on "$$kind" || exit 1; done
endif

before: lab ## compare this checkout with an earlier commit (BEFORE=COMMIT), 10 minutes; docs/evidence/performance-before.md
	@$(python) bench/before.py $(BEFORE)

growth: base ## how time and memory grow with packages, files, sandboxes, leftovers, sessions and cells; docs/evidence/growth.md
	@$(python) bench/growth.py

engines: tools lab ## the tests of engines on each kind, and their table (ON="docker-28 podman-5" FEATURES="life cache" AGAIN=1: what failed)
	@scripts/packages podman catatonit runc ip:iproute2
	@$(python) tests/engines/run.py $(if $(ON),--on $(ON)) $(if $(FEATURES),--only $(FEATURES)) $(if $(AGAIN),--again)

engines-smallest: ON = docker-28-containerd
engines-smallest: FEATURES = life cache
engines-smallest: engines

podman: ON = podman
podman: engines ## make engines, on this machine's Podman alone

storm: tools lab ## kill, signal, crowd, flood, break: every storm in full (SCALE=0.1 for a tenth), and their table
	@scripts/packages podman runc ip:iproute2
	@$(python) tests/storm/run.py --scale $(SCALE)

screens: export SANDBOX_REQUIRE_ENGINE = 1
screens: base ## programs of eight toolkits in a browser tab, on two Debians (ON="tk-bookworm", AGAIN=1: what was not seen); docs/evidence/screens.md
	@scripts/packages chromium
	@$(python) bench/screens.py $(if $(AGAIN),--again) $(ON)

terminals: tools lab ## every way to start the program x every verb that has a terminal, each ended by SIGTERM
	@$(python) tests/storm/run.py --only terminals

mutants: setup ## make src wrong by one small change, 200 times, as root: docs/evidence/mutants.md says which no test notices
	@$(python) -m tests.mutants.run --seed $(SEED)

fargate: export SANDBOX_REQUIRE_ENGINE = 1
fargate: tools lab ## 32 trials on an emulated Fargate with every fault, and 100 killed clients; docs/evidence/fargate.md
	@$(python) -c 'import cfnlint' 2>/dev/null || $(python) -m pip install --quiet cfn-lint
	@$(python) -m pytest --quiet -m full tests/unit/test_fargate_stack.py tests/integration/test_fargate_*.py
	@$(python) tests/fargate/run.py

fuzz: setup ## a coverage-guided fuzzer on specs and files of --from, each for SECONDS
	@$(python) -c 'import atheris' 2>/dev/null || $(python) -m pip install --quiet atheris
	@$(python) tests/fuzz/specs.py --seconds $(SECONDS)
	@$(python) tests/fuzz/package_files.py --seconds $(SECONDS)

sessions: base ## promote what users set by hand on Debian, and compare a plain container; docs/evidence/sessions.md
	@$(python) bench/sessions.py

truth: base ## compare inspect with dpkg, archives, files and a boot, on PACKAGES or real ones; docs/evidence/truth.md
	@$(python) bench/truth.py $(PACKAGES)
	@$(python) bench/truth_boot.py $(PACKAGES)

install: ## install for all users below PREFIX (/usr/local), with manual pages and completions
	@scripts/install

uninstall: ## remove what make install has installed below PREFIX
	@scripts/install --remove

dist: setup ## make a wheel, a source archive, one file for Python (sandbox.pyz) and a package for apt, in dist/
	@$(python) scripts/dist.py

record: base ## record a session of try at a terminal anew, as docs/session.svg
	@$(python) docs/record.py

docs: setup ## write what is generated in docs/, and build the site of it in site/
	@$(python) docs/generate.py
	@$(python) -c 'import zensical' 2>/dev/null || $(python) -m pip install --quiet zensical
	@.venv/bin/zensical build --strict

purges: base ## compare inspect's residue with piuparts on PACKAGES, or the same 40, as root; docs/evidence/residue.md
	@$(python) bench/purges.py $(PACKAGES)

boots: base ## compare inspect --boot with a container that boots by itself, on PACKAGES or 15; docs/evidence/boots.md
	@$(python) bench/boots.py $(PACKAGES)

sboms: base ## hold the bills of materials of PACKAGES, or of 20 real ones, to schemas, archives and managers; writes docs/evidence/sboms.md
	@$(python) bench/sboms.py $(PACKAGES)

prove: base ## prove the install scripts of PACKAGES, or of 30 real ones, which docs/evidence/proofs.md shows, on two Debians
	@$(python) bench/prove.py $(PACKAGES)

findings: ## run each script of findings/: behaviour of other programs that surprised us
	@for script in findings/*.sh; do echo "$$script"; sh "$$script" || exit 1; done

clean: ## remove .venv, caches and the tests' images
	@scripts/clean
