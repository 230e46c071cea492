public import IngotModel
import Rollout

/// A short script of what operators and the world do, played on a simulated machine; the answer is what happened, in words.
///
/// One command a line, `#` begins a comment:
///
///     release 1 instances 2 blue-green good       # or: recreate; slow, never-healthy, dies-at-once, gets-sick, dies-later, cannot-start
///     deploy 1            rollback 1
///     wait 500ms          wait rest
///     requests every 1s longest 4s                # they arrive from now on
///     router away 3s      router restarts         reboot          kill 1
///     daemon dies                                 # after it has stored its next decision
public struct RolloutScenario {
    public struct Mistake: Error, CustomStringConvertible {
        public var line: Int
        public var text: String
        public var description: String { "line \(line): '\(text)' is no command of a scenario" }
    }

    private var simulation: WorldSimulation

    /// Plays a script to its end.
    ///
    /// - Returns: the decisions, the ends of rollouts and what came into force, each with its simulated time.
    /// - Throws: `Mistake` for a line that is no command, `ConformanceViolation` when a rule of rollouts was violated.
    public static func play(_ script: String) async throws -> [String] {
        var scenario = RolloutScenario(simulation: WorldSimulation(seed: 1, options: SimulationOptions(hasFaults: false)))
        for (index, line) in script.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
            guard !words.isEmpty else { continue }
            guard await scenario.play(words) else { throw Mistake(line: index + 1, text: String(line)) }
            try require(!scenario.simulation.hasFailed, scenario.simulation.outcome.report)
        }
        return scenario.simulation.outcome.story.filter(isOfInterest)
    }

    /// Everything but the lives of single instances, whose names are random.
    private static func isOfInterest(_ line: String) -> Bool { !line.contains("  instance ") }

    private mutating func play(_ words: [String]) async -> Bool {
        switch words[0] {
        case "release": return addRelease(words)
        case "deploy": return ask(.deploy, words)
        case "rollback": return ask(.rollback, words)
        case "wait": return await wait(words)
        case "requests": return setLoad(words)
        case "router": return breakRouter(words)
        case "reboot", "kill": return breakInstances(words)
        case "daemon" where words.last == "dies":
            await simulation.pass(dyingAfter: .afterStoring)
            return true
        default: return false
        }
    }

    private mutating func addRelease(_ words: [String]) -> Bool {
        guard words.count == 6, let number = Int(words[1]), let instances = Int(words[3]), let strategy = Strategy.simulated(words[4]),
            let behaviour = Self.behaviours[words[5]]
        else { return false }
        simulation.add(.simulated(number, instances: instances, strategy: strategy), behaviour)
        return true
    }

    private static let behaviours: [String: InstanceBehaviour] = [
        "good": .good, "slow": .slow(.seconds(5)), "never-healthy": .neverHealthy, "dies-at-once": .diesAtOnce,
        "gets-sick": .getsSick(after: .seconds(2)), "dies-later": .diesLater(after: .seconds(2)), "ignores-stop": .ignoresStop,
        "cannot-start": .cannotStart("the image is gone"),
    ]

    private mutating func ask(_ kind: RolloutRequest.Kind, _ words: [String]) -> Bool {
        guard words.count == 2, let number = Int(words[1]) else { return false }
        simulation.request(kind, ReleaseNumber(number))
        return true
    }

    /// The daemon looks every 50 ms, as it would at every change.
    private mutating func wait(_ words: [String]) async -> Bool {
        guard words.count == 2 else { return false }
        guard words[1] != "rest" else {
            for _ in 0..<6_000 {
                await look()
                if simulation.isAtRest || simulation.hasFailed { return true }
            }
            return false
        }
        guard let length = Milliseconds(text: words[1]) else { return false }
        let end = simulation.host.clock.now + length
        while simulation.host.clock.now < end { await look() }
        return true
    }

    private mutating func look() async {
        await simulation.pass()
        simulation.wait(50)
    }

    private mutating func setLoad(_ words: [String]) -> Bool {
        guard words.count == 5, let interval = Milliseconds(text: words[2]), let longest = Milliseconds(text: words[4]) else { return false }
        simulation.host.withWorld { $0.load = SimulatedLoad(interval: interval, shortest: longest, longest: longest) }
        return true
    }

    private mutating func breakRouter(_ words: [String]) -> Bool {
        if words == ["router", "restarts"] {
            simulation.host.withWorld { $0.restartRouter() }
        } else if words.count == 3, let length = Milliseconds(text: words[2]) {
            simulation.host.withWorld { $0.faults.routerIsAwayUntil = $0.now + length }
        } else {
            return false
        }
        return true
    }

    private mutating func breakInstances(_ words: [String]) -> Bool {
        if words[0] == "reboot" {
            simulation.host.withWorld { $0.reboot() }
            return true
        }
        guard words.count == 2, let number = Int(words[1]) else { return false }
        let fleet = FleetID(environment: simulation.environment, release: ReleaseNumber(number))
        simulation.host.withWorld { world in
            for instance in world.fleet(fleet)?.instances ?? [] { world.kill(instance.id) }
        }
        return true
    }
}
