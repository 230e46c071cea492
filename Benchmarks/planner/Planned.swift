import Engine
import IngotModel
import Rollout
import Simulation

/// Many environments, with what their controllers hold of them.
struct Planned {
    /// After a deployment the old fleet is kept this long: each environment has ten fleets.
    private static let timing = RolloutTiming(soak: 0, progressDeadline: .minutes(10), drain: .seconds(30), warm: .minutes(60))

    let machine = CountingHost()
    let executor: Executor
    private(set) var environments: [EnvironmentID]
    private(set) var states: [EnvironmentID: EnvironmentState] = [:]
    private var facts: [ReleaseNumber: ReleaseFacts] = [:]
    private(set) var now = Timestamp(secondsSince1970: 1_767_225_600)

    /// - Parameter strategy: of the releases after the first.
    init(environments count: Int, strategy: Strategy = .blueGreen) {
        executor = Executor(engine: machine, router: machine)
        environments = (0..<count).map { number in
            EnvironmentID(service: ServiceName(uncheckedName: "service-\(number)"), environment: EnvironmentName(uncheckedName: "production"))
        }
        self.strategy = strategy
    }
    private let strategy: Strategy

    /// Takes every environment through this many releases, so that the last one serves and the others are warm.
    mutating func deploy(releases: Int, instances: Int) async throws {
        for environment in environments {
            for release in 1...releases {
                _ = try await pass(environment, deploying: release, instances: instances)
                try await settle(environment)
            }
        }
    }

    /// Passes, each carried out at once, until there is nothing more to do.
    mutating func settle(_ environment: EnvironmentID) async throws {
        while true {
            let before = states[environment]
            let plan = try await pass(environment)
            machine.carryOut(plan.target, of: environment, at: now)
            if states[environment] == before { return }
        }
    }

    /// What a controller does: it observes, joins, decides. Nothing is carried out.
    @discardableResult
    mutating func pass(
        _ environment: EnvironmentID, deploying release: Int? = nil, instances: Int = 0, commands: [RolloutCommand] = []
    ) async throws -> Plan {
        if let release {
            facts[ReleaseNumber(release)] = ReleaseFacts(instances: instances, strategy: release == 1 ? .blueGreen : strategy, timing: Self.timing)
        }
        let request = release.map { RolloutRequest(kind: .deploy, release: ReleaseNumber($0), acceptedAt: now) }
        let observation = try await executor.observe(environment)
        // Out of the dictionary while it changes, so that it is not copied.
        var state = states.removeValue(forKey: environment) ?? EnvironmentState()
        let plan = state.advance(request: request, commands: commands, releases: facts, observation: observation, now: now)
        states[environment] = state
        return plan
    }

    mutating func pass(time: Milliseconds) { now = now + time }
}
