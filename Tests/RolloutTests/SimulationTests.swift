import Simulation
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Whole runs from a seed")
struct SimulationTests {
    /// More seeds, or one that failed: `INGOT_SIMULATION_SEEDS=17` or `1000-2000`.
    static let seeds: ClosedRange<UInt64> = {
        let text = ProcessInfo.processInfo.environment["INGOT_SIMULATION_SEEDS"] ?? "1-400"
        let numbers = text.split(separator: "-").compactMap { UInt64($0) }
        guard let first = numbers.first, let last = numbers.last, first <= last else { return 1...400 }
        return first...last
    }()

    @Test("whatever fails and whoever dies, the rules hold at every step and everything comes to its proper end")
    func chaos() async {
        await hold(SimulationOptions())
    }

    private func hold(_ options: SimulationOptions) async {
        var violations = 0
        var kinds: [String: UInt64] = [:]
        let outcomes = await withTaskGroup(of: SimulationOutcome.self, returning: [SimulationOutcome].self) { group in
            for seed in Self.seeds { group.addTask { await WorldSimulation.run(seed: seed, options: options) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for outcome in outcomes.sorted(by: { $0.seed < $1.seed }) where outcome.violation != nil {
            violations += 1
            let kind = String(outcome.violation!.filter { !$0.isNumber }.prefix(60))
            if kinds[kind] == nil { kinds[kind] = outcome.seed; print("KIND seed \(outcome.seed): \(outcome.violation!)") }
            if violations <= 1 { Issue.record("\(outcome.report)") }
        }
        print("seeds \(outcomes.count), violations \(violations), passes \(outcomes.reduce(0) { $0 + $1.passes }), ok \(outcomes.reduce(0) { $0 + $1.succeeded }) ret \(outcomes.reduce(0) { $0 + $1.returned }) sup \(outcomes.reduce(0) { $0 + $1.superseded })")
    }
}
