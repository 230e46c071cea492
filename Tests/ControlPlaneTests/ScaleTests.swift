import API
import Engine
import GRDB
import GRDBSQLite
import IngotModel
import Rollout
import Simulation
import Synchronization
import Testing

@testable import ControlPlane

/// A database with very many environments, each with a release that serves and some history.
private struct Crowd {
    static let releases = 10

    let folder: TemporaryFolder
    let store: ControlStore
    let environments: [EnvironmentID]
    let state: EnvironmentState

    /// The rows are those that the store itself would write, one transaction for all.
    init(environments count: Int, clock: SimulatedClock = SimulatedClock()) async throws {
        folder = try TemporaryFolder()
        store = try ControlStore(path: "\(folder.path)/ingot.db", clock: WallClock(clock))
        let environments = (0..<count).map { number in
            EnvironmentID(service: ServiceName(uncheckedName: "service-\(number)"), environment: EnvironmentName(uncheckedName: "production"))
        }
        self.environments = environments
        state = Self.serving(at: clock.now)
        let text = try CanonicalJSON.text(state)
        let generation = state.target.generation.value
        try await store.write(environments.map { EventDraft(.testPassed, environment: $0, "a test passed") }) { database in
            for environment in environments {
                let service = environment.service.text
                try database.execute(
                    sql: "INSERT INTO services VALUES (?, ?, '', '')",
                    arguments: [service, try CanonicalJSON.text(Self.specification(of: environment.service))])
                try database.execute(
                    sql: "INSERT INTO environments (id, service, state, generation, failures) VALUES (?, ?, ?, ?, '[]')",
                    arguments: [environment.text, service, text, generation])
                for number in 1...Self.releases {
                    let release = Release.simulated(number, of: environment, instances: 2)
                    try database.execute(
                        sql: "INSERT INTO releases VALUES (?, ?, ?, ?)",
                        arguments: [environment.text, number, release.image.text, try CanonicalJSON.text(release)])
                }
            }
        }
    }

    private static func specification(of service: ServiceName) -> ServiceSpecification {
        var specification = serviceSpecification()
        specification.service = service
        return specification
    }

    /// The first release serves, and nothing moves.
    private static func serving(at now: Timestamp) -> EnvironmentState {
        var state = EnvironmentState()
        let facts = [ReleaseNumber(1): ReleaseFacts(Release.simulated(1, timing: RolloutTiming(soak: 0, progressDeadline: 1, drain: 1, warm: 0)))]
        var request: RolloutRequest? = RolloutRequest(kind: .deploy, release: ReleaseNumber(1), acceptedAt: now)
        for _ in 0..<4 {
            let observation = Observation(
                fleets: state.target.sizes.map { size in
                    FleetObservation(
                        release: size.release, size: size.size,
                        instances: (0..<size.size).map {
                            InstanceObservation(id: InstanceID(random: UInt32($0)), health: .up, requestsInFlight: 0, startedAt: now)
                        })
                }, split: state.target.split)
            _ = state.advance(request: request, releases: facts, observation: observation, now: now)
            request = nil
        }
        return state
    }
}

/// Counts the steps that SQLite's virtual machine takes.
private final class StepCounter: Sendable {
    private let steps = Mutex(0)

    func attach(to database: Database) {
        sqlite3_progress_handler(
            database.sqliteConnection, 1,
            { context in
                if let context { Unmanaged<StepCounter>.fromOpaque(context).takeUnretainedValue().steps.withLock { $0 += 1 } }
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func count(_ work: () async throws -> Void) async rethrows -> Int {
        let before = steps.withLock { $0 }
        try await work()
        return steps.withLock { $0 } - before
    }
}

@Suite("Very many environments")
struct ScaleTests {
    @Test("an instance that dies wakes the controller of its environment, and no other")
    func deaths() async throws {
        let clock = SimulatedClock()
        let crowd = try await Crowd(environments: 1_000, clock: clock)
        let host = CountingHost()
        let controllers = Controllers()
        for environment in crowd.environments {
            host.carryOut(crowd.state.target, of: environment, at: clock.now)
            controllers.add(
                try await EnvironmentController(
                    environment, executor: Executor(engine: host, router: host), store: crowd.store, logger: quiet))
        }
        let running = Task { await controllers.run() }
        let following = Task { await controllers.follow(host.changes()) }
        defer {
            running.cancel()
            following.cancel()
        }
        try await eventually(nil, "each environment was looked at once") { host.observations.count == crowd.environments.count }
        #expect(host.observations.values.allSatisfy { $0 == 1 })
        let events = try await crowd.store.events(after: nil, limit: 1).last?.sequence ?? 0

        // 100 instances of 60 environments.
        let concerned = Set(crowd.environments.enumerated().filter { $0.offset % 16 == 3 }.prefix(60).map(\.element))
        for environment in concerned.sorted() { host.replaceOne(of: ReleaseNumber(1), in: environment, at: clock.now) }
        for environment in concerned.sorted().prefix(40) { host.replaceOne(of: ReleaseNumber(1), in: environment, at: clock.now) }

        try await eventually(nil, "all deaths are told") {
            let told = try await crowd.store.events(after: events, limit: 1_000)
            return Set(told.compactMap(\.environment)) == concerned
                && told.filter { $0.message.hasPrefix("2 instances") }.count * 2 + told.filter { $0.message.hasPrefix("an instance") }.count == 100
        }
        let observations = host.observations
        for environment in crowd.environments where !concerned.contains(environment) {
            #expect(observations[environment] == 1, "\(environment) was looked at although nothing happened there")
        }
        #expect(concerned.allSatisfy { (2...3).contains(observations[$0] ?? 0) }, "a pass for each change, and none beside")
        running.cancel()
        following.cancel()
        await running.value
    }

    @Test("what the store does for one environment is the same work however many others there are")
    func storeWork() async throws {
        let few = try await work(in: Crowd(environments: 10))
        let many = try await work(in: Crowd(environments: 1_000))
        #expect(few.keys.sorted() == many.keys.sorted())
        for (what, steps) in few {
            #expect(steps > 0, "\(what) was counted")
            #expect(many[what] == steps, "\(what)")
        }
    }

    /// The steps of everything that a controller, a status or a page of events asks of the store.
    private func work(in crowd: Crowd) async throws -> [String: Int] {
        let store = crowd.store
        let counter = StepCounter()
        // One after another, so it is always the same reader.
        try await store.pool.write { counter.attach(to: $0) }
        try await store.pool.read { counter.attach(to: $0) }
        let environment = crowd.environments[7]
        let change = EnvironmentChange(
            environment: environment, record: EnvironmentRecord(state: crowd.state, failures: [FleetFailures(release: ReleaseNumber(1), count: 1)]),
            before: crowd.state, ended: [], events: [EventDraft(.instanceFailed, environment: environment, "an instance ended")],
            at: store.clock.now())
        return [
            "saving a pass": try await counter.count { try await store.save(change) },
            "adding a command": try await counter.count {
                try await store.add(.pause, for: environment, event: EventDraft(.rolloutStep, environment: environment, "pause"))
            },
            "an environment's record": try await counter.count { _ = try await store.environment(environment) },
            "its host": try await counter.count { _ = try await store.host(of: environment) },
            "its release": try await counter.count { _ = try await store.release(ReleaseNumber(1), of: environment) },
            "its newest releases": try await counter.count { _ = try await store.releases(of: environment, limit: 5) },
            "its rollout that runs": try await counter.count { _ = try await store.runningRollout(of: environment) },
            "its last rollout": try await counter.count { _ = try await store.rollouts(of: environment, limit: 1) },
            "how its rollouts ended": try await counter.count { _ = try await store.rolloutResults(of: environment) },
            "its last promotion": try await counter.count { _ = try await store.lastPromotion(in: environment) },
            "its newest events": try await counter.count { _ = try await store.events(after: nil, limit: 10, environment: environment) },
            "its events since": try await counter.count { _ = try await store.events(after: 1, limit: 10, environment: environment) },
            "the newest events of all": try await counter.count { _ = try await store.events(after: nil, limit: 5) },
        ]
    }

    @Test("an environment's host is that of its specification")
    func host() async throws {
        let crowd = try await Crowd(environments: 2)
        #expect(try await crowd.store.host(of: crowd.environments[1]) == "production.shop.test")
        let unknown = EnvironmentID(service: crowd.environments[1].service, environment: EnvironmentName(uncheckedName: "staging"))
        #expect(try await crowd.store.host(of: unknown) == nil)
    }

    @Test("which rollout runs, and whether an image ever succeeded, is found without reading the records of all that ended")
    func historyWork() async throws {
        let few = try await historyWork(rollouts: 5)
        #expect(few.allSatisfy { $0 > 0 })
        #expect(try await historyWork(rollouts: 500) == few)
    }

    private func historyWork(rollouts: Int) async throws -> [Int] {
        let crowd = try await Crowd(environments: 1)
        let environment = crowd.environments[0]
        try await crowd.store.pool.write { database in
            for number in 1...rollouts {
                try database.execute(
                    sql: "INSERT INTO rollouts (environment, number, record) VALUES (?, ?, ?)",
                    arguments: [
                        environment.text, number,
                        #"{"image":"\#(imageDigest(number % 3).text)","result":"succeeded","endedAt":"2026-11-26T00:00:00.000Z"}"#,
                    ])
            }
        }
        let counter = StepCounter()
        try await crowd.store.pool.read { counter.attach(to: $0) }
        return [
            try await counter.count {
                let running = try await crowd.store.runningRollout(of: environment)
                #expect(running == nil)
            },
            try await counter.count {
                let last = try await crowd.store.lastSuccess(of: imageDigest(1), in: environment)
                #expect(last != nil)
            },
            try await counter.count {
                let last = try await crowd.store.lastSuccess(of: imageDigest(7), in: environment)
                #expect(last == nil)
            },
        ]
    }
}
