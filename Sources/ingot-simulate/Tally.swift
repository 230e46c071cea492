import IngotModel
import Simulation

/// What came of many runs.
struct Tally: Sendable {
    /// More stories than one reads.
    static let mostStories = 3

    private var runs = 0
    private var passes = 0
    private var crashes = 0
    private var succeeded = 0
    private var returned = 0
    private var superseded = 0
    private var simulated: Milliseconds = 0
    /// Those that broke a rule, by their seeds.
    private(set) var broken: [SimulationOutcome] = []

    mutating func add(_ outcome: SimulationOutcome) {
        runs += 1
        passes += outcome.passes
        crashes += outcome.crashes
        succeeded += outcome.succeeded
        returned += outcome.returned
        superseded += outcome.superseded
        simulated = simulated + outcome.simulatedTime
        if outcome.violation != nil { broken.append(outcome) }
    }

    mutating func add(_ other: Tally) {
        runs += other.runs
        passes += other.passes
        crashes += other.crashes
        succeeded += other.succeeded
        returned += other.returned
        superseded += other.superseded
        simulated = simulated + other.simulated
        broken = (broken + other.broken).sorted { $0.seed < $1.seed }
    }

    var summary: String {
        let seeds = broken.isEmpty ? "every rule held" : "seeds that broke a rule: \(broken.map { "\($0.seed)" }.joined(separator: ", "))"
        return """
            \(runs) runs of \(simulated) together, \(passes) passes of the planner, \(crashes) deaths of the daemon
            \(succeeded) rollouts succeeded, \(returned) went back, \(superseded) gave way to another
            \(seeds)
            """
    }
}
