import API
import CFaultyDisk
import Engine
import IngotModel
import Rollout
import Simulation

@testable import ControlPlane

// What happens in a run, by chance, and how it comes to rest.
extension ControlPlaneSimulation {
    func step() async {
        if daemon == nil, generator.happens(percent: 75) { await boot() }
        switch generator.number(in: 1...100) {
        case 1...42: await spend(someTime())
        case 43...66: for _ in 0..<generator.number(in: 1...2) { await act() }
        case 67...82 where options.hasFaults: breakWorld()
        case 83...87 where options.hasFaults: breakDisk()
        case 88...90 where options.hasFaults: shiftClock()
        case 91...92 where options.hasFaults: await staleExecutor()
        case 93...96 where options.hasFaults: planDeath()
        case 97 where options.hasFaults: cutPower()
        case 98 where options.hasFaults: kill()
        case 99 where options.hasFaults: await replaceDaemon()
        default: wait(Milliseconds(generator.number(in: 1...60)))
        }
        if generator.happens(percent: 85) { await look() }
        await checkStatus()
    }

    /// Without faults the daemon looks at every change, here every 200 ms; with them it may miss any.
    private func spend(_ length: Milliseconds) async {
        guard !options.hasFaults else { return wait(length) }
        let end = host.clock.now + length
        while host.clock.now < end, !hasFailed {
            wait(200)
            await look()
        }
    }

    private func someTime() -> Milliseconds {
        let longest = generator.pick([20, 200, 1_500, 6_000, 25_000]) ?? 20
        return Milliseconds(generator.number(in: 1...longest))
    }

    // MARK: Faults

    private func breakWorld() {
        let percent = generator.pick([0, 10, 30]) ?? 0
        let length = someTime()
        switch generator.number(in: 1...9) {
        case 1: setFaults("\(percent)% of calls fail undone") { $0.failsBeforePercent = percent }
        case 2: setFaults("\(percent)% of calls fail though done") { $0.failsAfterPercent = percent }
        case 3: setFaults("the router is late by \(length)") { $0.routerLateness = min(length, 4_000) }
        case 4: setFaults("the calls and the router are well again") { $0 = .none }
        case 5:
            let until = host.clock.now + length
            setFaults("the router is away for \(length)") { $0.routerIsAwayUntil = until }
        case 6: host.withWorld { $0.restartRouter() }
        case 7...8: setLoad()
        default: killOne()
        }
        lookAtWorld()
    }

    private func setFaults(_ words: String, _ change: (inout SimulatedFaults) -> Void) {
        tell("fault: \(words)")
        host.withWorld { change(&$0.faults) }
    }

    private func setLoad() {
        let interval = Milliseconds(generator.number(in: 200...2_000))
        let longest = Milliseconds(generator.pick([50, 1_000, 8_000]) ?? 50)
        let endless = generator.happens(percent: 30) ? 10 : 0
        tell("requests arrive every \(interval), the longest takes \(longest), \(endless)% never end")
        host.withWorld { $0.load = SimulatedLoad(interval: interval, shortest: 10, longest: longest, endlessPercent: endless) }
    }

    private func killOne() {
        let ids = host.withWorld { $0.fleets.flatMap { $0.instances.map(\.id) } }
        guard let id = generator.pick(ids) else { return }
        tell("instance \(id) is killed")
        host.withWorld { $0.kill(id) }
    }

    private func breakDisk() {
        switch generator.number(in: 1...4) {
        case 1: setDisk("is full", faulty_disk_faults(is_full: true, failing_writes: 0, failing_syncs: 0))
        case 2: setDisk("fails to sync half of the time", faulty_disk_faults(is_full: false, failing_writes: 0, failing_syncs: 50))
        case 3: setDisk("fails a tenth of its writes", faulty_disk_faults(is_full: false, failing_writes: 10, failing_syncs: 0))
        default: setDisk("is well", faulty_disk_faults())
        }
    }

    private func setDisk(_ words: String, _ faults: faulty_disk_faults) {
        tell("the disk \(words)")
        disk.setFaults(faults)
    }

    /// Forwards by hours, or backwards by minutes; also while the daemon is down.
    private func shiftClock() {
        let length =
            generator.happens(percent: 50)
            ? Milliseconds.minutes(generator.number(in: 1...300)) : Milliseconds(-1_000 * generator.number(in: 1...600) + 1)
        clock.shift(by: length)
        tell("the clock is set \(length < 0 ? "back" : "forward") by \(length < 0 ? 0 - length : length)")
    }

    /// The daemon dies in one of its next effects, or the whole machine does.
    private func planDeath() {
        let effects = generator.number(in: 1...30)
        let isPowerCut = generator.happens(percent: 40)
        tell("\(isPowerCut ? "a power cut" : "a death") is to come in effect \(effects)")
        disk.endLife(after: effects, byPowerCut: isPowerCut)
    }

    /// An executor that was suspended goes on with what it was told long ago.
    private func staleExecutor() async {
        guard let pass = generator.pick(Array(carriedOut.suffix(6))), let newest = carriedOut.last else { return }
        let isOld = pass.plan.target.generation < newest.plan.target.generation
        tell("a late executor carries generation \(pass.plan.target.generation) out")
        lookAtWorld()
        let before = host.withWorld { SizesAndSplit($0, self.environment) }
        let executor = Executor(engine: host.engine, router: host.router)
        let releases = pass.releases.values.sorted { $0.number < $1.number }
        do {
            try await executor.carryOut(pass.plan.target, of: environment, host: "production.shop.test", releases: releases)
        } catch {
            tell("it fails: \(error)")
        }
        let after = host.withWorld { SizesAndSplit($0, self.environment) }
        if isOld, before.generation == newest.plan.target.generation, before != after {
            fail("a late executor changed \(before) to \(after)")
        }
        lookAtWorld()
    }

    // MARK: Coming to rest

    /// The faults stop, what serves is well again, nobody asks for anything more: everything must come to its proper end.
    func comeToRest() async {
        isCalm = true
        tell("the faults stop")
        disk.setFaults(faulty_disk_faults())
        disk.endLife(after: 0, byPowerCut: false)
        host.withWorld { world in
            world.faults = .none
            world.load?.endlessPercent = 0
        }
        if daemon == nil { await boot() }
        guard !hasFailed, let daemon else { return fail("the daemon does not start on a disk that is well") }
        let deadline = host.clock.now + options.patience
        await healServing(daemon)
        while !hasFailed {
            let before = await daemon.controller.state
            await look()
            await checkStatus()
            let state = await daemon.controller.state
            if await isAtRest(daemon) { break }
            await goOn(daemon, state)
            guard host.clock.now < deadline else {
                return fail("not at rest after \(options.patience) without faults: \(await unrest(daemon) ?? "")")
            }
            let soon = clock.now + (state == before ? 2_000 : 100)
            wait(max(1, min(soon, max(wakeAt ?? soon, clock.now + 1)) - clock.now))
        }
        if !hasFailed { await judgeRest(daemon) }
    }

    /// Nobody waits for an operator for ever.
    private func goOn(_ daemon: SimulatedDaemon, _ state: EnvironmentState) async {
        guard let rollout = state.rollout, notebook.commands.isEmpty else { return }
        if let pause = rollout.course.pause {
            await order(daemon, pause.reason == nil ? .resume : .promote)
        } else if rollout.phase == .soaking, case .canary(let canary)? = releases[rollout.release]?.strategy,
            rollout.course.step < canary.steps.count, canary.steps[rollout.course.step].waitsForPromotion
        {
            await order(daemon, .promote)
        }
    }

    private func healServing(_ daemon: SimulatedDaemon) async {
        guard let serving = await daemon.controller.state.serving, let release = releases[serving] else { return }
        tell("release \(serving) is well again")
        let sick = host.withWorld { world in
            world.setBehaviour(.good, of: release.fleet)
            return world.fleet(release.fleet)?.instances.filter { $0.healthyFrom == nil || $0.sickFrom != nil }.map(\.id) ?? []
        }
        host.withWorld { world in for id in sick { world.kill(id) } }
    }

    private func isAtRest(_ daemon: SimulatedDaemon) async -> Bool {
        let state = await daemon.controller.state
        let isMoving = await daemon.controller.isMoving
        return !isMoving && state.retiring.isEmpty && state.leaving.isEmpty && state.followUps.isEmpty && notebook.commands.isEmpty
            && self.daemon?.hasEndedOrphans == true ? await unrest(daemon) == nil : false
    }

    /// What is not yet as the state says; `nil` when all is.
    private func unrest(_ daemon: SimulatedDaemon) async -> String? {
        let state = await daemon.controller.state
        let world = host.withWorld { $0 }
        let split = world.route(of: environment)?.inForce?.split ?? .empty
        let wanted = state.serving.map { Split.all(to: $0) } ?? .empty
        if split != wanted { return "at rest the router has \(split), not \(wanted)" }
        for fleet in world.fleets where fleet.specification.fleet.release != state.serving {
            return "the fleet of release \(fleet.specification.fleet.release) was never ended"
        }
        guard let serving = state.serving, let release = releases[serving] else { return nil }
        let size = world.fleet(release.fleet)?.size ?? 0
        let full = state.scale ?? release.instances
        return size == full ? nil : "release \(serving) serves with \(size) of \(full) instances"
    }

    private func judgeRest(_ daemon: SimulatedDaemon) async {
        do {
            guard try await daemon.store.verifyEvents().isIntact else { return fail("the chain of events is broken") }
            let records = try await daemon.store.rollouts(of: environment)
            for wish in notebook.wishes {
                let ends = records.count { $0.release == wish.release && $0.acceptedAt == wish.acceptedAt }
                if ends != 1 { fail("the deployment of release \(wish.release), accepted at \(wish.acceptedAt), came to \(ends) ends") }
            }
            try await judgeEvents(daemon, records)
            try await judgeRejections(daemon, records)
        } catch {
            fail("the database can't be read at rest: \(error)")
        }
    }

    /// Every rollout has one event for its beginning and one for its end.
    private func judgeEvents(_ daemon: SimulatedDaemon, _ records: [RolloutRecord]) async throws {
        var events: [Event] = []
        while case let page = try await daemon.store.events(after: events.last?.sequence ?? 0, limit: 1_000), !page.isEmpty { events += page }
        for record in records {
            let begun = events.count { $0.action == .rolloutStarted && $0.message.hasPrefix("rollout \(record.number):") }
            let ended = events.count {
                [.rolloutSucceeded, .rolloutReturned, .rolloutSuperseded].contains($0.action)
                    && $0.message.hasPrefix("rollout \(record.number) \(record.result.rawValue)")
            }
            if begun != 1 || ended != 1 { fail("rollout \(record.number) has \(begun) events of its beginning and \(ended) of its end") }
        }
    }

    private func judgeRejections(_ daemon: SimulatedDaemon, _ records: [RolloutRecord]) async throws {
        let rejected = try await daemon.store.rejectedImages()
        let state = await daemon.controller.state
        guard let serving = state.serving, let image = releases[serving]?.image, rejected.contains(image) else { return }
        // Going away from it was tried, and failed; or there is nothing to go to.
        if let last = records.first, last.requestedBy == EventDraft.daemon, last.result == .returned { return }
        let good = RollbackChoice.release(state: state, history: records.filter { !rejected.contains($0.image) })
        if let good { fail("release \(serving), whose image is rejected, serves at rest, though release \(good) is good") }
    }
}

/// What a late executor must leave alone.
struct SizesAndSplit: Equatable, Sendable, CustomStringConvertible {
    var sizes: [ReleaseNumber: Int]
    var split: Split?
    var generation: Generation?

    init(_ world: SimulatedWorld, _ environment: EnvironmentID) {
        sizes = Dictionary(world.fleets.map { ($0.specification.fleet.release, $0.size) }, uniquingKeysWith: max)
        split = world.route(of: environment)?.saved.split
        generation = world.route(of: environment)?.saved.generation
    }

    var description: String {
        sizes.sorted { $0.key < $1.key }.map { "release \($0.key): \($0.value)" }.joined(separator: ", ") + "; \(split ?? .empty)"
    }
}
