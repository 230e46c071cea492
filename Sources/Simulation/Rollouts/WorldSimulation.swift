import Engine
public import IngotModel
public import Rollout

/// A whole run from one seed: operators who ask for anything at any time, releases good and bad, an engine and a router
/// with faults, requests that arrive all the while, and a daemon that dies between any two effects.
///
/// It is the real planner and the real executor; only the world around them is simulated.
public struct WorldSimulation {
    public let environment = EnvironmentID.simulated
    public let host: SimulatedHost
    let options: SimulationOptions
    var generator: SeededGenerator
    var releases: [ReleaseNumber: Release] = [:]
    /// What the daemon has on disk: it starts from here after a crash.
    public private(set) var stored = EnvironmentState()
    public var pending: RolloutRequest?
    /// What operators asked of the rollout under way since the last pass.
    public var commands: [RolloutCommand] = []
    /// The hooks that have ended, as the daemon has them on disk, and when those that run will.
    var hookResults: [HookResult] = []
    /// What the probes of the release that is watched came to.
    private var probes: TrafficCount?
    private var hookEnds: [HookRun: Timestamp] = [:]
    var invariants = RolloutInvariants()
    public private(set) var outcome: SimulationOutcome
    private let begin: Timestamp
    /// How far the daemon's clock is ahead of the world's time.
    var clockOffset: Milliseconds = 0
    private(set) var wakeAt: Timestamp?

    public init(seed: UInt64, options: SimulationOptions = SimulationOptions()) {
        generator = SeededGenerator(seed: seed)
        host = SimulatedHost(seed: generator.next())
        self.options = options
        outcome = SimulationOutcome(seed: seed, violation: nil, story: [])
        begin = host.clock.now
    }

    /// Runs a seed to its end.
    public static func run(seed: UInt64, options: SimulationOptions = SimulationOptions()) async -> SimulationOutcome {
        var simulation = WorldSimulation(seed: seed, options: options)
        await simulation.run()
        return simulation.outcome
    }

    /// What time it is for the daemon.
    var now: Timestamp { host.clock.now + clockOffset }

    var hasFailed: Bool { outcome.violation != nil }

    mutating func run() async {
        for _ in 0..<options.steps where !hasFailed {
            await step()
            // Many seeds at once must not keep every thread from others.
            await Task.yield()
        }
        if !hasFailed { await comeToRest() }
        outcome.simulatedTime = host.clock.now - begin
    }

    // MARK: The daemon

    var executor: Executor { Executor(engine: host.engine, router: host.router) }

    /// One pass of the daemon: observe, plan, store, carry out. It may die anywhere between.
    public mutating func pass(dyingAfter crash: CrashPoint? = nil) async {
        outcome.passes += 1
        defer { host.withWorld { $0.faults.callsUntilCrash = nil } }
        guard let observation = await observe() else { return }
        let pass = plan(observation)
        if let violation = invariants.violation(of: pass) {
            tell("the planner saw: \(observation)")
            tell("it made of it: \(pass.after)")
            fail(violation)
        }
        if crash == .beforeStoring { return die("before it stored its decision") }
        stored = pass.after
        pending = nil
        commands = []
        invariants.stored(pass)
        record(pass.plan)
        if crash == .afterStoring { return die("before it carried its decision out") }
        if case .withinCalls(let calls) = crash { host.withWorld { $0.faults.callsUntilCrash = calls } }
        await carryOut(pass.plan.target)
    }

    private mutating func observe() async -> Observation? {
        do {
            var observation = try await executor.observe(environment)
            observation.hooks = hookResults
            observation.probes = probes
            if observation.isRouterReachable { observation.traffic = host.withWorld { $0.route(of: environment)?.traffic ?? [] } }
            return observation
        } catch {
            tell("the daemon can't observe: \(error)")
            return nil
        }
    }

    private func plan(_ observation: Observation) -> RolloutInvariants.Pass {
        var next = stored
        let facts = releases.mapValues(ReleaseFacts.init)
        let plan = next.advance(request: pending, commands: commands, releases: facts, observation: observation, now: now)
        return RolloutInvariants.Pass(
            before: stored, after: next, plan: plan, request: pending, commands: commands, observation: observation, releases: releases,
            now: now)
    }

    private mutating func record(_ plan: Plan) {
        wakeAt = plan.wakeAt
        for decision in plan.decided { tell("decided: \(decision)") }
        for ended in plan.finished {
            switch ended.outcome {
            case .succeeded: outcome.succeeded += 1
            case .returned: outcome.returned += 1
            case .superseded: outcome.superseded += 1
            }
            tell("rollout \(ended.progress.number) of release \(ended.progress.release) \(ended.outcome.words)")
        }
    }

    private mutating func carryOut(_ target: EnvironmentTarget) async {
        do {
            try await executor.carryOut(target, of: environment, host: "shop.example", releases: releases.values.sorted { $0.number < $1.number })
        } catch is SimulatedCrash {
            die("while it carried generation \(target.generation) out")
        } catch {
            tell("carrying out generation \(target.generation) failed: \(error)")
        }
        runHooks(target.hooks)
        probes = target.probed == nil ? nil : probes ?? TrafficCount()
        probes?.successful += 5
        lookAtWorld()
    }

    /// Each hook takes up to three seconds; a few fail, and a few never end.
    private mutating func runHooks(_ wanted: Set<HookRun>) {
        for run in wanted.sorted() where hookEnds[run] == nil && !hookResults.contains(where: { $0.run == run }) {
            hookEnds[run] = now + Milliseconds(generator.number(in: 0...3_000))
        }
        for (run, end) in hookEnds.sorted(by: { $0.key < $1.key }) where end <= now {
            hookEnds[run] = nil
            let dice = options.hasFaults ? generator.number(in: 1...20) : 20
            if dice == 1 { continue }
            hookResults.append(HookResult(run: run, endedAt: end, failure: dice == 2 ? "exit code 1" : nil))
            tell("hook \(run.hook) of rollout \(run.rollout), step \(run.step) ended\(dice == 2 ? " badly" : "")")
        }
    }

    private mutating func die(_ when: String) {
        outcome.crashes += 1
        tell("the daemon dies \(when)")
    }

    /// Lets time pass in the world.
    public mutating func wait(_ length: Milliseconds) {
        host.advance(by: length)
        lookAtWorld()
    }

    /// Reads what happened in the world and holds it against the rules.
    mutating func lookAtWorld() {
        let world = host.withWorld { world in
            defer { world.journal = [] }
            return world
        }
        for event in world.journal {
            if case .unserved = event { outcome.unservedRequests += 1; continue }
            if case .cut(_, let requests) = event { outcome.cutRequests += requests }
            tell(event.description)
            fail(invariants.violation(of: event, releases: releases, now: now))
        }
        fail(invariants.violation(of: stored, in: world, releases: releases))
    }

    // MARK: The story

    public mutating func tell(_ line: String) {
        let milliseconds = (host.clock.now - begin).count
        let tenths = String(milliseconds % 1_000 + 1_000).dropFirst()
        outcome.story.append("\(milliseconds / 1_000).\(tenths) s  \(line)")
    }

    mutating func fail(_ violation: String?) {
        guard let violation, outcome.violation == nil else { return }
        outcome.violation = violation
        tell("VIOLATION: \(violation)")
        tell("the state: \(stored)")
    }
}

/// Where the daemon dies within a pass.
public enum CrashPoint: Hashable, Sendable {
    case beforeStoring
    case afterStoring
    /// In the so-many-th call of the engine or the router, before or after it took effect.
    case withinCalls(Int)
}
