import IngotModel
import Simulation

@testable import Rollout

/// A planner with what it is given, for tests of single transitions: the world is said, not simulated.
struct Planner {
    var state = EnvironmentState()
    var releases: [ReleaseNumber: ReleaseFacts] = [:]
    var now = Timestamp(secondsSince1970: 1_767_225_600)
    var observation = Observation(fleets: [], split: .empty)
    var plan = Plan(target: EnvironmentState().target, decided: [], awaiting: [], finished: [], wakeAt: nil)

    init(releases count: Int = 3, instances: Int = 1, strategy: Strategy = .blueGreen) {
        for number in 1...count {
            releases[ReleaseNumber(number)] = ReleaseFacts(.simulated(number, instances: instances, strategy: strategy))
        }
    }

    /// One pass over what is seen now, with a request of this moment.
    @discardableResult
    mutating func pass(_ kind: RolloutRequest.Kind? = nil, _ release: Int = 0, commands: [RolloutCommand] = []) -> Plan {
        let request = kind.map { RolloutRequest(kind: $0, release: ReleaseNumber(release), acceptedAt: now) }
        plan = state.advance(request: request, commands: commands, releases: releases, observation: observation, now: now)
        return plan
    }

    mutating func deploy(_ release: Int) { pass(.deploy, release) }
    mutating func rollback(_ release: Int) { pass(.rollback, release) }

    @discardableResult
    mutating func pass(after length: Milliseconds) -> Plan {
        now = now + length
        return pass()
    }

    /// Says how the instances of a fleet are; none means that the fleet is gone.
    mutating func see(
        _ release: Int, _ health: [InstanceObservation.Health], size: Int? = nil, inFlight: Int = 0, failures: Int = 0, startError: String? = nil
    ) {
        let number = ReleaseNumber(release)
        observation.fleets.removeAll { $0.release == number }
        guard !health.isEmpty || (size ?? 0) > 0 else { return }
        let instances = health.enumerated().map { index, health in
            InstanceObservation(
                id: InstanceID(random: UInt32(release * 100 + index)), health: health, requestsInFlight: index == 0 ? inFlight : 0,
                checkResult: health == .up ? nil : "L4CON", startedAt: now)
        }
        observation.fleets.append(
            FleetObservation(
                release: number, size: size ?? health.count, instances: instances, failures: failures,
                lastFailure: failures > 0 ? "exit code 1" : nil, startError: startError))
    }

    mutating func seeTraffic(on release: Int?) { observation.split = release.map { .all(to: ReleaseNumber($0)) } ?? .empty }

    /// Takes a release all the way to serving, with no other left.
    static func serving(_ release: Int, releases: Int = 3, instances: Int = 1, strategy: Strategy = .blueGreen) -> Planner {
        var planner = Planner(releases: releases, instances: instances, strategy: strategy)
        planner.deploy(release)
        planner.see(release, Array(repeating: .up, count: instances))
        planner.pass()
        planner.seeTraffic(on: release)
        planner.pass()
        planner.pass(after: RolloutTiming.simulated.soak)
        return planner
    }

    /// …and a second one to the soak after its switch.
    static func soaking(_ release: Int, from old: Int, instances: Int = 1) -> Planner {
        var planner = Planner.serving(old, instances: instances)
        planner.deploy(release)
        planner.see(release, Array(repeating: .up, count: instances))
        planner.pass()
        planner.seeTraffic(on: release)
        planner.see(old, Array(repeating: .draining, count: instances))
        planner.pass()
        return planner
    }

    var target: EnvironmentTarget { plan.target }
    var phase: String? { state.rollout?.phase.word }
    var outcomes: [RolloutOutcome] { plan.finished.map(\.outcome) }
    var retiring: [Int] { state.retiring.map(\.release.value).sorted() }
    func size(_ release: Int) -> Int { target.size(of: ReleaseNumber(release)) }
    func isDraining(_ release: Int) -> Bool { target.draining.contains(ReleaseNumber(release)) }
    func isTraffic(on release: Int) -> Bool { target.split == .all(to: ReleaseNumber(release)) }
    var returnReason: String? {
        for case .returned(let reason) in outcomes { return reason }
        return nil
    }
}
