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
        let text = ProcessInfo.processInfo.environment["INGOT_SIMULATION_SEEDS"] ?? "1-1000"
        let numbers = text.split(separator: "-").compactMap { UInt64($0) }
        guard let first = numbers.first, let last = numbers.last, first <= last else { return 1...1_000 }
        return first...last
    }()

    @Test("whatever fails and whoever dies, the rules hold at every step and everything comes to its proper end")
    func faults() async {
        let outcomes = await violations(of: SimulationOptions(), seeds: Self.seeds)
        #expect(Self.seeds.count < 100 || outcomes.contains { $0.succeeded > 0 && $0.returned > 0 && $0.superseded > 0 && $0.crashes > 0 })
    }

    @Test("by recreate alone, too")
    func recreate() async {
        await violations(of: SimulationOptions(recreatePercent: 100), seeds: 1...60)
    }

    @Test("with nothing but good releases and no faults, blue-green leaves no request without an instance and cuts none")
    func calm() async {
        let options = SimulationOptions(hasFaults: false, recreatePercent: 0)
        for outcome in await violations(of: options, seeds: 1...60) {
            #expect(outcome.unservedRequests == 0 && outcome.cutRequests == 0 && outcome.returned == 0, "\(outcome.report)")
        }
    }

    @Test("the same seed gives the same run")
    func isDeterministic() async {
        let first = await WorldSimulation.run(seed: 11)
        let second = await WorldSimulation.run(seed: 11)
        #expect(first.story == second.story)
    }

    /// Runs the seeds, and records the first three that violate a rule with their stories.
    @discardableResult
    private func violations(of options: SimulationOptions, seeds: ClosedRange<UInt64>) async -> [SimulationOutcome] {
        // One after another, and giving way: beside it run tests with real processes, which must not wait behind hundreds of runs.
        let lanes = seeds.count > 1_000 ? 2 : 1
        let outcomes = await withTaskGroup(of: [SimulationOutcome].self, returning: [SimulationOutcome].self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var outcomes: [SimulationOutcome] = []
                    for seed in seeds where seed % UInt64(lanes) == UInt64(lane) {
                        outcomes.append(await WorldSimulation.run(seed: seed, options: options))
                    }
                    return outcomes
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        let broken = outcomes.filter { $0.violation != nil }.sorted { $0.seed < $1.seed }
        for outcome in broken.prefix(3) { Issue.record("\(outcome.report)") }
        #expect(broken.isEmpty, "seeds that violate a rule: \(broken.prefix(50).map(\.seed))")
        return outcomes
    }
}
