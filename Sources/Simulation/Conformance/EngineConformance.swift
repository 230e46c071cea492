public import Engine
public import IngotModel

/// The promises of `Engine`, each as a function that throws a `ConformanceViolation` when it is broken.
///
/// Every engine must pass all of them: `try await EngineConformance(…).all()`. The suite ends what it started, also when it fails.
public struct EngineConformance: Sendable {
    public let engine: any Engine
    /// Two releases of one environment whose instances run until they are told to end, and obey.
    public let first: FleetSpecification
    public let second: FleetSpecification
    public let patience: any Patience

    public init(engine: any Engine, first: FleetSpecification, second: FleetSpecification, patience: any Patience) {
        self.engine = engine
        self.first = first
        self.second = second
        self.patience = patience
    }

    /// All promises, one after the other, with generations that go on from `generation`.
    public func all(from generation: Generation = Generation(1)) async throws {
        let promises: [(Generation) async throws -> Void] = [
            recordsTheWish, isIdempotent, growsAndShrinks, endsThoseThatAreNamed, endsNobodyElse, givesEveryInstanceAPlace,
            refusesAnOlderGeneration, refusesWhatComesLate, keepsFleetsApart, forgetsWhatIsGone, tellsOfChanges,
        ]
        var next = generation
        for promise in promises {
            // A promise uses up to 10 generations.
            try await cleaningUp(next) { try await promise(next) }
            next = Generation(next.value + 20)
        }
    }

    /// Once `resize` has returned, `fleets(of:)` tells of the wish.
    public func recordsTheWish(_ generation: Generation) async throws {
        try await engine.resize(first, to: 2, generation: generation)
        let size = try await status(first)?.size ?? 0
        try require(size == 2, "a resize to 2 that returned is on record; the engine says \(size)")
        try await waitForInstances(2, of: first)
        let running = try await engine.allFleets()
        try require(running.contains(first.fleet), "a fleet that has instances is among all fleets")
    }

    /// Asked twice is asked once: the same instances.
    public func isIdempotent(_ generation: Generation) async throws {
        try await engine.resize(first, to: 1, generation: generation)
        try await waitForInstances(1, of: first)
        let before = try await instances(of: first).map(\.id)
        try await engine.resize(first, to: 1, generation: generation)
        let after = try await instances(of: first).map(\.id)
        try require(before == after, "resizing to the present size changes nothing; instances were \(before) and are \(after)")
    }

    /// Growing keeps those that run; shrinking ends as many as are too many, and nothing of a fleet of none is left.
    public func growsAndShrinks(_ generation: Generation) async throws {
        try await engine.resize(first, to: 1, generation: generation)
        try await waitForInstances(1, of: first)
        let before = Set(try await instances(of: first).map(\.id))
        try await engine.resize(first, to: 3, generation: generation.next)
        try await waitForInstances(3, of: first)
        let grown = Set(try await instances(of: first).map(\.id))
        try require(grown.isSuperset(of: before), "growing keeps the instances that run; \(before) became \(grown)")
        try await engine.resize(first, to: 1, generation: generation.next.next)
        try await waitForInstances(1, of: first)
        let shrunk = Set(try await instances(of: first).map(\.id))
        try require(grown.isSuperset(of: shrunk), "shrinking starts nothing; \(grown) became \(shrunk)")
    }

    /// Where a fleet gets smaller and stays, those that are named end, and nobody else.
    public func endsThoseThatAreNamed(_ generation: Generation) async throws {
        try await engine.resize(first, to: 3, generation: generation)
        try await waitForInstances(3, of: first)
        let before = try await instances(of: first).map(\.id)
        for named in before.dropFirst() {
            let left = try await instances(of: first).map(\.id)
            try await engine.resize(first, to: left.count - 1, ending: [named], generation: generation.next)
            try await waitForInstances(left.count - 1, of: first)
            let now = Set(try await instances(of: first).map(\.id))
            try require(now == Set(left).subtracting([named]), "of \(left), \(named) alone was to end; \(now) are left")
        }
    }

    /// Where those that are named are gone already, nobody ends in their place, and nobody is started.
    public func endsNobodyElse(_ generation: Generation) async throws {
        try await engine.resize(first, to: 2, generation: generation)
        try await waitForInstances(2, of: first)
        let before = Set(try await instances(of: first).map(\.id))
        let stranger = InstanceID(random: before.contains(InstanceID(random: 7)) ? 8 : 7)
        try await engine.resize(first, to: 1, ending: [stranger], generation: generation.next)
        let status = try await status(first)
        let running = Set(status?.instances.filter { !$0.isEnding }.map(\.id) ?? [])
        try require(running == before, "a stranger was to end: nobody did; \(before) became \(running)")
        try require(status?.size == 2, "a fleet in which nobody could end stays as much larger; its size is \(status?.size ?? 0)")
        try await engine.resize(first, to: 1, ending: nil, generation: generation.next.next)
        try await waitForInstances(1, of: first)
    }

    /// Every instance has an identifier and an endpoint of its own, known before it runs.
    public func givesEveryInstanceAPlace(_ generation: Generation) async throws {
        try await engine.resize(first, to: 3, generation: generation)
        try await patience.wait(for: "3 instances to be listed") { try await status(first)?.instances.count == 3 }
        let listed = try await instances(of: first)
        try require(Set(listed.map(\.id)).count == 3, "instances have identifiers of their own: \(listed.map(\.id))")
        try require(Set(listed.map(\.endpoint)).count == 3, "instances have endpoints of their own: \(listed.map(\.endpoint))")
        try require(listed.allSatisfy { $0.endpoint.port == first.run.port }, "instances listen on port \(first.run.port): \(listed.map(\.endpoint))")
        try require(listed.allSatisfy { $0.readiness == first.run.readiness }, "instances are asked for readiness as their release says")
    }

    /// An executor that was overtaken changes nothing.
    public func refusesAnOlderGeneration(_ generation: Generation) async throws {
        try await engine.resize(first, to: 1, generation: generation.next)
        try await requireRefusal(of: generation)
    }

    /// What was asked before a fence and comes after it changes nothing, also where the newer target resized nobody.
    public func refusesWhatComesLate(_ generation: Generation) async throws {
        try await engine.fence(first.fleet.environment, generation: generation.next)
        try await engine.fence(first.fleet.environment, generation: generation.next)
        let known = try await engine.generation(of: first.fleet.environment)
        try require(known == generation.next, "the engine says by which generation it was fenced: \(known), not \(generation.next)")
        try await requireRefusal(of: generation)
    }

    private func requireRefusal(of generation: Generation) async throws {
        do {
            try await engine.resize(second, to: 1, generation: generation)
        } catch let error as EngineError where error.code == EngineError.staleGenerationCode {
            let size = try await status(second)?.size ?? 0
            return try require(size == 0, "a resize that was refused changes nothing; the fleet has size \(size)")
        }
        throw ConformanceViolation(message: "generation \(generation) is refused after \(generation.next), for every fleet of the environment")
    }

    /// Two releases of an environment are two fleets.
    public func keepsFleetsApart(_ generation: Generation) async throws {
        try await engine.resize(first, to: 2, generation: generation)
        try await engine.resize(second, to: 1, generation: generation)
        try await waitForInstances(2, of: first)
        try await waitForInstances(1, of: second)
        try await engine.resize(first, to: 0, generation: generation.next)
        try await waitForInstances(0, of: first)
        let left = try await instances(of: second).count
        try require(left == 1, "ending one fleet leaves the other alone; it has \(left) of 1 instance")
    }

    /// A fleet without size and instances is not listed, and comes back with no memory of failures.
    public func forgetsWhatIsGone(_ generation: Generation) async throws {
        try await engine.resize(first, to: 1, generation: generation)
        try await waitForInstances(1, of: first)
        try await engine.resize(first, to: 0, generation: generation.next)
        try await patience.wait(for: "the fleet to be gone") { try await status(first) == nil }
        let running = try await engine.allFleets()
        try require(!running.contains(first.fleet), "a fleet that is gone is not among all fleets")
        try await engine.resize(first, to: 1, generation: generation.next.next)
        try await waitForInstances(1, of: first)
        let failures = try await status(first)?.failures ?? 0
        try require(failures == 0, "a fleet that came back begins with no failures; it has \(failures)")
    }

    /// Whoever listens is told that something changed.
    public func tellsOfChanges(_ generation: Generation) async throws {
        try await patience.waitForWord(of: first.fleet.environment, on: engine.changes()) {
            try await engine.resize(first, to: 1, generation: generation)
            try await waitForInstances(1, of: first)
        }
    }

    // MARK: Looking

    private func status(_ specification: FleetSpecification) async throws -> FleetStatus? {
        try await engine.fleets(of: specification.fleet.environment).first { $0.fleet == specification.fleet }
    }

    /// Those that were not told to end.
    private func instances(of specification: FleetSpecification) async throws -> [InstanceStatus] {
        try await status(specification)?.instances.filter { !$0.isEnding } ?? []
    }

    /// Waits until a fleet has so many instances and none that is ending.
    private func waitForInstances(_ count: Int, of specification: FleetSpecification) async throws {
        try await patience.wait(for: "fleet \(specification.fleet) to have \(count) instances") {
            let instances = try await status(specification)?.instances ?? []
            return instances.count == count && instances.allSatisfy { !$0.isEnding }
        }
    }

    private func cleaningUp(_ generation: Generation, _ body: () async throws -> Void) async throws {
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        let last = Generation(generation.value + 10)
        try await engine.resize(first, to: 0, generation: last)
        try await engine.resize(second, to: 0, generation: last)
        try await waitForInstances(0, of: first)
        try await waitForInstances(0, of: second)
        try result.get()
    }
}
