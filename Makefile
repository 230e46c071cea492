# make demo    sets up what is missing and shows the main job
# make test    sets up what is missing and passes every test
# make simulate SEEDS=1-100000   plays rollouts against a simulated world, one run a seed; SEED=17 tells that run in words
# make simulate-control-plane      the same for the whole daemon: its store on a disk that fails, its controllers, its orders
# make fuzz    drives the readers of foreign input with made-up ones
# make bench   compares with rivals, in the same run, and prints ratios
# make lint    holds the code against .swift-format
# make install puts a release build into $(PREFIX)

PREFIX ?= /usr/local
RELEASE = swift build -c release --static-swift-stdlib

# They keep every processor busy for minutes: run beside the others, they would make them wait past their bounds.
BUILDER_TESTS = ImageBuildTests|ImageStoreTests
# A thousand whole runs, and a thousand environments: others would wait for a thread.
SIMULATIONS = SimulationTests|ScaleTests
# Dozens of daemons with their databases at once: with those of the others there would be more descriptors than Foundation's select(2) bears.
DAEMON_TESTS = ControlPlaneTests
# Those of them that start programs: Foundation reads the list of all descriptors for that, and reads too far where there are more than 1,365.
PROGRAM_TESTS = DaemonTests|MeasurementRunnerTests|PeerAccessTests|RemoteAccessTests|RouteTests
# It has its own load on every processor, and asks others for none.
LOAD_TESTS = RolloutLoadTests

.PHONY: demo test simulate bench fuzz lint build release install clean

demo: release
	scripts/setup demo
	scripts/demo

test:
	scripts/setup test
	swift build --build-tests
	swift test --skip-build --skip "$(BUILDER_TESTS)|$(DAEMON_TESTS)|$(SIMULATIONS)|$(LOAD_TESTS)|ExampleTests"
	swift test --skip-build --filter "$(DAEMON_TESTS)" --skip "$(SIMULATIONS)|$(PROGRAM_TESTS)"
	swift test --skip-build --filter "$(DAEMON_TESTS).*($(PROGRAM_TESTS))"
	swift test --skip-build --filter "$(SIMULATIONS)"
	swift test --skip-build --filter "$(BUILDER_TESTS)"
	swift test --skip-build --filter "$(LOAD_TESTS)"
	swift test --skip-build --filter ExampleTests
	-@rmdir /sys/fs/cgroup/ingot /sys/fs/cgroup/*/ingot 2>/dev/null; true

# A seed that breaks a rule tells its story; one seed alone always does.
simulate:
	scripts/setup build
	swift build -c release --product ingot-simulate
	.build/release/ingot-simulate $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),1-1000))

# A fifth of a second a seed.
simulate-control-plane:
	scripts/setup build
	swift build --build-tests
	INGOT_SIMULATION_SEEDS=$(or $(SEED),$(SEEDS),1-1000) swift test --skip-build --filter "ControlPlaneTests.*SimulationTests/faults"

bench: release
	scripts/setup bench
	$(RELEASE) --product ingot-bench
	$(RELEASE) --product ingot-bench-gates
	Benchmarks/run

fuzz:
	scripts/setup build
	INGOT_FUZZ=1 swift build --scratch-path .build/fuzz --product ingot-fuzz
	Fuzzing/run $${SECONDS_EACH:-60}

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks

build:
	scripts/setup build
	swift build

release:
	scripts/setup build
	$(RELEASE) --product ingot
	$(RELEASE) --product ingot-supervisor

install: release
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)/etc/systemd/system
	install .build/release/ingot .build/release/ingot-supervisor $(DESTDIR)$(PREFIX)/bin/
	install -m 644 deploy/systemd/ingot.service deploy/systemd/ingot-advisories.service deploy/systemd/ingot-advisories.timer \
		$(DESTDIR)/etc/systemd/system/

clean:
	swift package clean
