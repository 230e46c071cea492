public import IngotModel

/// What a deployment would do, step by step, if everything goes well: the planner itself, played against a world in which instances are
/// healthy at once, the router does what it is told, requests end, and hooks and analyses are good.
public struct Forecast: Hashable, Sendable, Codable {
    public struct Step: Hashable, Sendable, Codable {
        /// After the deployment was accepted, counting only what the settings make it wait.
        public var after: Milliseconds
        public var sizes: [FleetSize]
        public var split: Split
        /// What was decided, in words.
        public var decided: [String]
        /// What it waits for before the next step, where somebody has to do something.
        public var awaiting: [Awaited]
    }

    public var steps: [Step]
    /// How the rollout ends; `nil` when it waits for somebody at its last step.
    public var outcome: RolloutOutcome?

    /// More passes than any path needs.
    private static let mostPasses = 10_000

    public init(
        of request: RolloutRequest, in state: EnvironmentState, releases: [ReleaseNumber: ReleaseFacts], observation: Observation
    ) {
        steps = []
        let world = IdealWorld(observation, metrics: releases[request.release]?.analysis?.metrics ?? [], now: request.acceptedAt)
        play(request, of: request.release, in: state, releases, world)
    }

    /// What is still to come of what is under way, with nothing new asked for: the same, from the present moment on. Steps count from now.
    public init(
        continuing state: EnvironmentState, releases: [ReleaseNumber: ReleaseFacts], observation: Observation, now: Timestamp
    ) {
        steps = []
        let release = state.rollout?.release
        let world = IdealWorld(observation, metrics: release.flatMap { releases[$0]?.analysis?.metrics } ?? [], now: now)
        play(nil, of: release, in: state, releases, world)
    }

    /// - Parameter release: whose rollout is waited for, besides the ending of old fleets; `nil` when none is under way.
    private mutating func play(
        _ request: RolloutRequest?, of release: ReleaseNumber?, in state: EnvironmentState, _ releases: [ReleaseNumber: ReleaseFacts],
        _ world: IdealWorld
    ) {
        var (state, world, next) = (state, world, request)
        let began = world.now
        let before = request == nil ? state.target : nil
        for pass in 0..<Self.mostPasses {
            let plan = state.advance(request: next, releases: releases, observation: world.observation, now: world.now)
            next = nil
            note(plan, at: world.now - began, before)
            if let ended = plan.finished.last(where: { $0.progress.release == release }) { outcome = ended.outcome }
            let isChanged = world.carryOut(plan.target)
            let isOver = outcome != nil || release == nil
            if isOver, state.retiring.isEmpty, state.leaving.isEmpty, !isChanged { return }
            // What the first pass saw was the real world; numbers, which change nothing else, are good only from the second on.
            guard !isChanged, pass > 0 else { continue }
            guard let wakeAt = plan.wakeAt, state.rollout == nil || !plan.awaiting.isEmpty else { return }
            world.now = wakeAt
        }
    }

    /// - Parameter before: what was asked before the first step, where that is no news.
    private mutating func note(_ plan: Plan, at after: Milliseconds, _ before: EnvironmentTarget?) {
        let sizes = Self.plain(plan.target.sizes)
        let last = steps.last.map { ($0.sizes, $0.split) } ?? before.map { (Self.plain($0.sizes), $0.split) }
        let isSame = last.map { $0.0 == sizes && $0.1 == plan.target.split } ?? false
        let somebody = plan.awaiting.filter { $0.ender == .somebody }
        guard !isSame || !plan.decided.isEmpty || !somebody.isEmpty else { return }
        steps.append(Step(after: after, sizes: sizes, split: plan.target.split, decided: plan.decided, awaiting: somebody))
    }

    /// Without who of them ends.
    private static func plain(_ sizes: [FleetSize]) -> [FleetSize] { sizes.map { FleetSize(release: $0.release, size: $0.size) } }
}

/// A world in which everything that is asked is done at once.
private struct IdealWorld {
    var observation: Observation
    var now: Timestamp
    private var made: UInt32 = 0

    /// Requests that are answered well whenever something else happens: more than any analysis asks for.
    private static let requests = 1_000_000

    init(_ observation: Observation, metrics: [MetricCheck], now: Timestamp) {
        self.observation = observation
        self.now = now
        self.observation.measurements = metrics.map { Measurement(check: $0.name, at: now, value: nil, badInRow: 0, errorsInRow: 0, count: 1) }
        if self.observation.split == nil { self.observation.split = .empty }
        for fleet in self.observation.fleets.indices {
            self.observation.fleets[fleet].startError = nil
            for instance in self.observation.fleets[fleet].instances.indices { settle(&self.observation.fleets[fleet].instances[instance]) }
        }
    }

    private func settle(_ instance: inout InstanceObservation) {
        instance.requestsInFlight = 0
        instance.streamsInFlight = 0
        if instance.health != .ending { instance.health = .up }
    }

    /// - Returns: whether anything is to be seen that was not before.
    mutating func carryOut(_ target: EnvironmentTarget) -> Bool {
        let before = observation
        for size in target.sizes { bring(size) }
        observation.fleets.removeAll { fleet in !target.sizes.contains { $0.release == fleet.release } }
        let leaving = Set(target.leaving.map(\.instance))
        for fleet in observation.fleets.indices {
            let release = observation.fleets[fleet].release
            for place in observation.fleets[fleet].instances.indices {
                let id = observation.fleets[fleet].instances[place].id
                observation.fleets[fleet].instances[place].health = leaving.contains(id) || target.draining.contains(release) ? .draining : .up
            }
        }
        observation.split = target.split
        serve(target.split)
        observation.engineGeneration = target.generation
        observation.routeGeneration = target.generation
        for run in target.hooks where !observation.hooks.contains(where: { $0.run == run }) {
            observation.hooks.append(HookResult(run: run, endedAt: now))
        }
        var seen = before
        seen.engineGeneration = observation.engineGeneration
        seen.routeGeneration = observation.routeGeneration
        seen.traffic = observation.traffic
        return seen != observation
    }

    private mutating func serve(_ split: Split) {
        for release in split.shares.keys.sorted() {
            var served = observation.traffic.first { $0.release == release }?.served ?? TrafficCount()
            served.successful += Self.requests
            observation.traffic.removeAll { $0.release == release }
            observation.traffic.append(ReleaseTraffic(release: release, served: served))
        }
    }

    private mutating func bring(_ size: FleetSize) {
        var fleet = observation.fleet(size.release)
        fleet.instances.removeAll { size.ending.contains($0.id) || $0.health == .ending }
        while fleet.instances.count < size.size {
            made += 1
            fleet.instances.append(InstanceObservation(id: InstanceID(random: .max - made), health: .up, requestsInFlight: 0, startedAt: now))
        }
        fleet.size = fleet.instances.count
        observation.fleets.removeAll { $0.release == size.release }
        observation.fleets.append(fleet)
    }
}
