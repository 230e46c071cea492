import API
import Client
import Engine
import IngotModel
import Simulation
import Testing

@testable import ControlPlane
@testable import Rollout

/// The planner and the executor on a simulated machine, with the status that is told at each pass.
private struct ToldWorld {
    let host = SimulatedHost(seed: 5)
    let releases: [ReleaseNumber: Release]
    var state = EnvironmentState()
    var waits = Waits()
    var hooks: [HookResult] = []
    /// Since when each hook runs: it takes a while, so that it is seen to be awaited.
    private var hookStarts: [HookRun: Timestamp] = [:]
    private(set) var phases: Set<String> = []
    private(set) var silences: [String] = []
    private(set) var forecasts: [String: Forecast] = [:]

    init(strategy: Strategy, second: InstanceBehaviour) {
        let points: [RolloutHook.Point] = [.before, .ready, .step]
        releases = Dictionary(
            uniqueKeysWithValues: [1, 2].map { number in
                var release = Release.simulated(number, of: production, instances: 3, strategy: strategy)
                release.hooks = points.map { RolloutHook(name: $0.rawValue, point: $0, action: .command(["true"]), deadline: .seconds(10)) }
                return (ReleaseNumber(number), release)
            })
        host.withWorld { world in
            world.setBehaviour(second, of: FleetID(environment: production, release: ReleaseNumber(2)))
            world.faults.routerLateness = 120
            world.load = SimulatedLoad(interval: 20, shortest: 5, longest: 600)
        }
    }

    /// Passes every 50 ms, until nothing moves any more; whoever has to act does so after two seconds.
    mutating func play(_ request: RolloutRequest, _ commands: [Milliseconds: RolloutCommand] = [:]) async throws {
        var next: RolloutRequest? = request
        var asked: [RolloutCommand] = []
        var waitedForSomebody = Milliseconds(0)
        phases = []
        for pass in 0..<4_000 {
            let status = try await self.pass(next, asked)
            next = nil
            asked = commands[Milliseconds(pass * 50)].map { [$0] } ?? []
            waitedForSomebody = status.awaiting.contains { $0.what.hasPrefix("somebody") } ? waitedForSomebody + 50 : 0
            if waitedForSomebody > .seconds(2) { asked.append(.promote(isFull: false)) }
            if state.rollout == nil, state.retiring.isEmpty, status.awaiting.isEmpty { return }
            host.advance(by: 50)
        }
        Issue.record("it never came to rest: \(state)")
    }

    private mutating func pass(_ request: RolloutRequest?, _ commands: [RolloutCommand]) async throws -> EnvironmentStatus {
        let executor = Executor(engine: host.engine, router: host.router)
        var observation = try await executor.observe(production)
        let now = host.clock.now
        for (run, since) in hookStarts where now >= since + 300 && !hooks.contains(where: { $0.run == run }) {
            hooks.append(HookResult(run: run, endedAt: now))
        }
        observation.hooks = hooks
        let facts = releases.mapValues { ReleaseFacts($0) }
        let plan = state.advance(request: request, commands: commands, releases: facts, observation: observation, now: now)
        for run in plan.target.hooks where hookStarts[run] == nil { hookStarts[run] = now }
        waits.note(plan.awaiting, at: now, movingSince: state.rollout?.phaseSince)
        let status = status(plan, observation)
        check(status, at: now)
        let phase = state.rollout?.course.pause == nil ? state.rollout?.phase.word : "paused"
        if let phase, forecasts[phase] == nil {
            forecasts[phase] = Forecast(continuing: state, releases: facts, observation: observation, now: now)
        }
        try await executor.carryOut(plan.target, of: production, host: "shop.test", releases: Array(releases.values))
        return status
    }

    private func status(_ plan: Plan, _ observation: Observation) -> EnvironmentStatus {
        var view = EnvironmentView(environment: production, state: state, observation: observation)
        view.awaiting = plan.awaiting
        view.waits = waits
        return EnvironmentStatus(view, releases: releases, host: "shop.test")
    }

    private mutating func check(_ status: EnvironmentStatus, at now: Timestamp) {
        if let rollout = status.rollout {
            phases.insert(state.rollout?.course.pause == nil ? rollout.phase : "paused")
            if status.awaiting.isEmpty { silences.append("\(rollout.phase): nothing is awaited") }
        }
        for awaited in status.awaiting {
            let hasEnd = awaited.until != nil && awaited.otherwise?.isEmpty == false
            if !hasEnd, awaited.openEnd == nil { silences.append("'\(awaited.what)' has no end and does not say why") }
            if hasEnd, awaited.openEnd != nil { silences.append("'\(awaited.what)' has an end and says why it has none") }
            if awaited.since.map({ $0 > now }) ?? true { silences.append("'\(awaited.what)' is not said to be awaited since when") }
        }
    }
}

@Suite("The status explains itself at any moment")
struct ExplanationTests {
    struct Play: Sendable, CustomStringConvertible {
        var strategy: Strategy
        var second: InstanceBehaviour
        var phases: Set<String>
        var commands: [Milliseconds: RolloutCommand] = [:]
        var description: String { "\(strategy.word) to \(phases.sorted().joined(separator: ", "))" }
    }

    private static let canary = Strategy.canary(
        Canary(steps: [Canary.Step(share: BasisPoints(2_500)), Canary.Step(share: BasisPoints(5_000), waitsForPromotion: true)]))
    private static let rolling = Strategy.rolling(RollingUpdate(surge: .count(1), unavailable: .count(0)))

    static let plays: [Play] = [
        Play(strategy: .blueGreen, second: .good, phases: ["preparing", "starting", "testing", "switching", "soaking"]),
        Play(strategy: .blueGreen, second: .neverHealthy, phases: ["preparing", "starting"]),
        Play(strategy: .blueGreen, second: .getsSick(after: .seconds(3)), phases: ["soaking", "returning"]),
        Play(
            strategy: .blueGreen, second: .good, phases: ["paused"],
            commands: [1_500: .pause, 4_000: .resume, 4_500: .abort(reason: "wrong price")]),
        Play(strategy: .recreate, second: .good, phases: ["preparing", "emptying", "starting", "testing", "switching", "soaking"]),
        Play(strategy: .recreate, second: .diesAtOnce, phases: ["emptying", "starting", "returning"]),
        Play(strategy: .recreate, second: .cannotStart("no such image"), phases: ["emptying", "starting", "returning"]),
        Play(strategy: rolling, second: .good, phases: ["preparing", "replacing", "switching", "soaking"]),
        Play(strategy: rolling, second: .diesLater(after: .seconds(2)), phases: ["replacing", "returning"]),
        Play(strategy: rolling, second: .ignoresStop, phases: ["paused", "replacing"], commands: [700: .pause, 2_000: .resume, 2_500: .scale(5)]),
        Play(strategy: canary, second: .good, phases: ["preparing", "starting", "testing", "switching", "soaking"]),
        Play(strategy: canary, second: .getsSick(after: .seconds(4)), phases: ["soaking", "returning"]),
        Play(strategy: canary, second: .slow(.seconds(5)), phases: ["starting", "soaking"]),
    ]

    @Test("whatever the strategy, the release and the phase: something is awaited, and it has an end or says why not", arguments: plays)
    func neverSilent(_ play: Play) async throws {
        var world = ToldWorld(strategy: play.strategy, second: play.second)
        try await world.play(RolloutRequest(kind: .deploy, release: ReleaseNumber(1), acceptedAt: world.host.clock.now))
        #expect(world.state.serving == ReleaseNumber(1))
        world.host.advance(by: 50)
        try await world.play(RolloutRequest(kind: .deploy, release: ReleaseNumber(2), acceptedAt: world.host.clock.now), play.commands)
        #expect(world.silences.isEmpty, "\(Set(world.silences).sorted())")
        #expect(play.phases.isSubset(of: world.phases), "only \(world.phases.sorted())")
    }

    @Test("from every phase the forecast comes to an end, or to somebody who has to act", arguments: plays)
    func forecasts(_ play: Play) async throws {
        var world = ToldWorld(strategy: play.strategy, second: play.second)
        try await world.play(RolloutRequest(kind: .deploy, release: ReleaseNumber(1), acceptedAt: world.host.clock.now))
        world.host.advance(by: 50)
        try await world.play(RolloutRequest(kind: .deploy, release: ReleaseNumber(2), acceptedAt: world.host.clock.now), play.commands)
        for (phase, forecast) in world.forecasts {
            let waits = forecast.steps.last?.awaiting.isEmpty == false
            switch phase {
            case "paused": #expect(forecast.outcome == nil && waits, "\(forecast)")
            case "returning":
                guard case .returned = forecast.outcome else {
                    Issue.record("from \(phase): \(forecast)")
                    continue
                }
            default: #expect(forecast.outcome == .succeeded || waits, "from \(phase): \(forecast)")
            }
        }
    }

    @Test("a wait stays the same as it goes on, and another one begins anew")
    func waits() {
        var waits = Waits()
        let start = Timestamp(secondsSince1970: 1_000)
        func health(_ number: Int, until: Int = 900) -> Awaited {
            Awaited(what: "\(number) of 3 healthy", until: start + .seconds(until), otherwise: "the rollout goes back")
        }
        let open = Awaited(what: "somebody to promote it")
        waits.note([health(0)], at: start + .seconds(5), movingSince: start)
        #expect(waits.since(health(0)) == start, "a daemon that starts in the middle knows the phase's beginning")
        waits.note([health(1), open], at: start + .seconds(9), movingSince: start)
        #expect(waits.since(health(1)) == start && waits.since(open) == start + .seconds(9))
        waits.note([health(1, until: 950), open], at: start + .seconds(20), movingSince: start)
        #expect(waits.since(health(1, until: 950)) == start + .seconds(20) && waits.since(open) == start + .seconds(9))
        waits.note([], at: start + .seconds(21), movingSince: nil)
        #expect(waits.since(open) == nil)
    }

    @Test("before the first look of a daemon, and when looking fails, that is what is awaited")
    func beforeTheFirstLook() {
        let pending = PendingRequest(
            request: RolloutRequest(kind: .deploy, release: ReleaseNumber(1), acceptedAt: Timestamp(secondsSince1970: 5)), actor: "user:root")
        var view = EnvironmentView(environment: production, state: EnvironmentState())
        #expect(EnvironmentStatus.awaiting(view).isEmpty)
        view.pending = pending
        view.failure = ErrorReport(ControlError("disk-full", "the disk is full"))
        let awaited = EnvironmentStatus.awaiting(view)
        #expect(
            awaited.map(\.hindrance) == ["the disk is full"] && awaited.first?.openEnd != nil
                && awaited.first?.since == Timestamp(secondsSince1970: 5))
    }

    @Test("a daemon says what comes next, since when what serves does, and nothing more at rest")
    func asked() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            let empty = try await client.explanation(of: production)
            #expect(empty.next.isEmpty && empty.servingSince == nil && empty.status.rollout == nil)
            let record = try await rig.deploy("1")
            #expect(try await client.explanation(of: production).servingSince == record.endedAt)
            _ = try await client.deploy("2", to: production)
            let moving = try await client.explanation(of: production)
            #expect(moving.next.flatMap(\.decided).contains("release 2 has succeeded"), "\(moving.next)")
            #expect(!moving.status.awaiting.isEmpty)
            try await rig.whileTimePasses {
                try await eventually(nil, "all is at rest") {
                    let explanation = try await client.explanation(of: production)
                    return explanation.status.serving?.number == ReleaseNumber(2) && explanation.status.awaiting.isEmpty && explanation.next.isEmpty
                }
            }
        }
    }
}
