import Engine
public import IngotModel
import Rollout

// What happens in a run, by chance.
extension WorldSimulation {
    /// Something happens; then the daemon may look.
    mutating func step() async {
        if releases.isEmpty {
            deploy()
            if !options.hasFaults { setCalmLoad() }
        }
        switch generator.number(in: 1...100) {
        case 1...55: await spend(someTime())
        case 56...68: ask()
        case 69...90 where options.hasFaults: breakSomething()
        default: wait(Milliseconds(generator.number(in: 1...60)))
        }
        guard generator.happens(percent: 80) else { return }
        await pass(dyingAfter: options.hasFaults && generator.happens(percent: 12) ? someCrash() : nil)
    }

    /// Without faults the daemon looks at every change, here every 200 ms; with them it may miss any.
    private mutating func spend(_ length: Milliseconds) async {
        guard !options.hasFaults else { return wait(length) }
        let end = host.clock.now + length
        while host.clock.now < end, !hasFailed {
            wait(200)
            await pass()
        }
    }

    private mutating func someTime() -> Milliseconds {
        let longest = generator.pick([20, 200, 1_500, 6_000, 25_000]) ?? 20
        return Milliseconds(generator.number(in: 1...longest))
    }

    private mutating func someCrash() -> CrashPoint {
        switch generator.number(in: 1...4) {
        case 1: .beforeStoring
        case 2: .afterStoring
        default: .withinCalls(generator.number(in: 1...9))
        }
    }

    // MARK: Operators

    private mutating func ask() {
        if pending != nil { return }
        let known = releases.keys.sorted()
        if options.hasFaults, generator.happens(percent: 40), let command = generator.pick(RolloutCommand.allSimulated) {
            return ask(command)
        }
        switch generator.number(in: 1...10) {
        case 1...5: deploy()
        case 6...7: request(.rollback, stored.stable ?? known.first)
        case 8: request(.deploy, generator.pick(known))
        default: request(.rollback, generator.pick(known))
        }
    }

    mutating func ask(_ command: RolloutCommand) {
        commands.append(command)
        tell("an operator: \(command.words)")
    }

    private mutating func deploy() {
        let number = releases.count + 1
        let behaviour = options.hasFaults ? someBehaviour() : .slow(Milliseconds(generator.number(in: 10...3_000)))
        let others = Strategy.allSimulated.filter { $0 != .recreate && (options.hasFaults || !($0.waitsForSomebody || $0.mayGoDark)) }
        let strategy = generator.happens(percent: options.recreatePercent) ? .recreate : generator.pick(others) ?? .blueGreen
        var release = Release.simulated(number, instances: generator.number(in: 1...5), strategy: strategy)
        if generator.happens(percent: 20), let point = generator.pick(RolloutHook.Point.allCases) {
            release.hooks = [RolloutHook(name: "check", point: point, action: .command(["true"]), deadline: .seconds(5))]
        }
        if generator.happens(percent: 40) {
            release.analysis = AnalysisPolicy(
                errors: BasisPoints(100),
                latencies: generator.happens(percent: 30) ? [LatencyBound(percentile: BasisPoints(9_900), bound: .seconds(10))] : [],
                baseline: generator.happens(percent: 30) ? BasisPoints(100) : nil, requests: generator.number(in: 0...20),
                falseAlarm: BasisPoints(100))
        }
        add(release, behaviour)
        tell("release \(number) is made: \(release.instances) instances, \(strategy.word), \(behaviour)")
        request(.deploy, release.number)
    }

    public mutating func add(_ release: Release, _ behaviour: InstanceBehaviour = .good) {
        releases[release.number] = release
        host.withWorld { $0.setBehaviour(behaviour, of: release.fleet) }
    }

    mutating func request(_ kind: RolloutRequest.Kind, _ release: ReleaseNumber?) {
        guard let release else { return }
        pending = RolloutRequest(kind: kind, release: release, acceptedAt: now)
        tell("the operator asks to \(kind.rawValue) release \(release)")
    }

    private mutating func someBehaviour() -> InstanceBehaviour {
        switch generator.number(in: 1...23) {
        case 1...9: .good
        case 10...12: .slow(Milliseconds(generator.number(in: 10...15_000)))
        case 13: .neverHealthy
        case 14: .diesAtOnce
        case 15: .diesLater(after: Milliseconds(generator.number(in: 600...5_000)))
        case 16: .diesLater(after: Milliseconds(generator.number(in: 5_000...60_000)))
        case 17: .getsSick(after: Milliseconds(generator.number(in: 600...20_000)))
        case 18: .cannotStart("the image is gone")
        case 19, 20: .answersWrongly(percent: generator.pick([1, 5, 50, 100]) ?? 50)
        case 21: .answersSlowly(by: Milliseconds(generator.number(in: 500...4_000)))
        default: .ignoresStop
        }
    }

    // MARK: Faults

    private mutating func breakSomething() {
        let kind = generator.number(in: 1...14)
        let percent = generator.pick([0, 10, 30]) ?? 0
        let length = someTime()
        switch kind {
        case 1: setFaults("\(percent)% of calls fail undone") { $0.failsBeforePercent = percent }
        case 2: setFaults("\(percent)% of calls fail though done") { $0.failsAfterPercent = percent }
        case 3: setFaults("the router is late by \(length)") { $0.routerLateness = min(length, 4_000) }
        case 4: setFaults("the calls and the router are well again") { $0 = .none }
        case 5:
            let until = host.clock.now + length
            setFaults("the router is away for \(length)") { $0.routerIsAwayUntil = until }
        case 6: host.withWorld { $0.restartRouter() }
        case 7 where generator.happens(percent: 30):
            tell("the machine reboots")
            host.withWorld { $0.reboot() }
        case 8: setLoad()
        case 9: setFaults("\(percent)% of calls are carried out later") { $0.latePercent = percent }
        case 10: setFaults("\(percent)% of calls come twice") { $0.repeatedPercent = percent }
        case 11: setFaults("\(percent)% of the router's answers are old") { $0.staleAnswerPercent = percent }
        case 12: host.withWorld { $0.forgetRoutes() }
        case 13: jumpClock()
        default: killOne()
        }
        lookAtWorld()
    }

    /// Somebody sets the daemon's clock, ahead by hours or back by minutes.
    private mutating func jumpClock() {
        let jump = Milliseconds(generator.pick([-600_000, -60_000, -5_000, 5_000, 60_000, 7_200_000]) ?? 0)
        clockOffset = clockOffset + jump
        tell("the daemon's clock jumps by \(jump)")
    }

    private mutating func setFaults(_ words: String, _ change: (inout SimulatedFaults) -> Void) {
        tell("fault: \(words)")
        host.withWorld { change(&$0.faults) }
    }

    mutating func setLoad() {
        let interval = Milliseconds(generator.number(in: 200...2_000))
        let longest = Milliseconds(generator.pick([50, 1_000, 8_000]) ?? 50)
        let load = SimulatedLoad(
            interval: interval, shortest: 10, longest: longest, endlessPercent: options.hasFaults && generator.happens(percent: 30) ? 10 : 0)
        tell("requests arrive every \(interval), the longest takes \(longest), \(load.endlessPercent)% never end")
        host.withWorld { $0.load = load }
    }

    /// Requests that end within the time to drain.
    private mutating func setCalmLoad() {
        host.withWorld { $0.load = SimulatedLoad(interval: 150, shortest: 10, longest: 2_500) }
    }

    private mutating func killOne() {
        let ids = host.withWorld { $0.fleets.flatMap { $0.instances.map(\.id) } }
        guard let id = generator.pick(ids) else { return }
        tell("instance \(id) is killed")
        host.withWorld { $0.kill(id) }
    }

    // MARK: Coming to rest

    /// The faults stop, what serves is well again, nobody asks for anything more: everything must come to its proper end.
    /// A release that is being deployed stays as bad as it is.
    mutating func comeToRest() async {
        tell("the faults stop")
        if let serving = stored.serving, let release = releases[serving] { heal(release) }
        host.withWorld { world in
            world.faults = .none
            world.load?.endlessPercent = 0
        }
        let deadline = host.clock.now + options.patience
        while !hasFailed {
            let before = stored
            await pass()
            if isAtRest { break }
            if stored.rollout?.course.pause?.reason == nil, stored.rollout?.course.pause != nil {
                ask(.resume)
            } else if stored.rollout?.course.pause != nil || waitsForSomebody {
                ask(.promote(isFull: false))
            }
            guard host.clock.now < deadline else { return fail("not at rest after \(options.patience) without faults") }
            let soon = now + (stored == before ? 2_000 : 100)
            wait(max(1, min(soon, max(wakeAt ?? soon, now + 1)) - now))
        }
        if !hasFailed { fail(unrest) }
    }

    private mutating func heal(_ release: Release) {
        tell("release \(release.number) is well again")
        let sick = host.withWorld { world in
            world.setBehaviour(.good, of: release.fleet)
            return world.fleet(release.fleet)?.instances.filter { $0.healthyFrom == nil || $0.sickFrom != nil }.map(\.id) ?? []
        }
        host.withWorld { world in for id in sick { world.kill(id) } }
    }

    /// Whether a canary's step waits to be promoted.
    private var waitsForSomebody: Bool {
        guard let rollout = stored.rollout, rollout.phase == .soaking, case .canary(let canary)? = releases[rollout.release]?.strategy else {
            return false
        }
        return rollout.course.step < canary.steps.count && canary.steps[rollout.course.step].waitsForPromotion
    }

    var isAtRest: Bool {
        pending == nil && commands.isEmpty && stored.rollout == nil && stored.retiring.isEmpty && stored.leaving.isEmpty
            && stored.followUps.isEmpty && unrest == nil
    }

    /// What is not yet as the state says; `nil` when all is.
    private var unrest: String? {
        let world = host.withWorld { $0 }
        let serving = stored.serving
        let split = world.route(of: environment)?.inForce?.split ?? .empty
        let wanted = serving.map { Split.all(to: $0) } ?? .empty
        if split != wanted { return "at rest the router has \(split), not \(wanted)" }
        for fleet in world.fleets where fleet.specification.fleet.release != serving {
            return "the fleet of release \(fleet.specification.fleet.release) was never ended"
        }
        guard let serving, let release = releases[serving] else { return nil }
        let size = world.fleet(release.fleet)?.size ?? 0
        let full = stored.scale ?? release.instances
        return size == full ? nil : "release \(serving) serves with \(size) of \(full) instances"
    }
}
