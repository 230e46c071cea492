import IngotModel
import Simulation
import Testing

@testable import ControlPlane

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("The whole control plane from a seed")
struct ControlPlaneSimulationTests {
    /// More seeds, or one that failed: `INGOT_SIMULATION_SEEDS=17` or `1000-2000`.
    static let seeds: ClosedRange<UInt64> = {
        let text = ProcessInfo.processInfo.environment["INGOT_SIMULATION_SEEDS"] ?? "1-100"
        let numbers = text.split(separator: "-").compactMap { UInt64($0) }
        guard let first = numbers.first, let last = numbers.last, first <= last else { return 1...100 }
        return first...last
    }()

    @Test("whatever fails and whoever dies, what was accepted comes to its end, and what is told is what is stored")
    func faults() async throws {
        let outcomes = try await violations(of: SimulationOptions(), seeds: Self.seeds)
        #expect(Self.seeds.count < 100 || outcomes.contains { $0.succeeded > 0 && $0.returned > 0 && $0.superseded > 0 && $0.crashes > 0 })
    }

    @Test("without faults nothing fails")
    func calm() async throws {
        try await violations(of: SimulationOptions(hasFaults: false), seeds: 1...5)
    }

    @Test("the same seed gives the same run")
    func isDeterministic() async throws {
        let folder = try TemporaryFolder()
        let vault = try SecretVault(folder: folder.path)
        for seed in 11...13 as ClosedRange<UInt64> {
            let first = try await ControlPlaneSimulation.run(seed: seed, vault: vault)
            let second = try await ControlPlaneSimulation.run(seed: seed, vault: vault)
            #expect(first.story == second.story)
        }
    }

    /// Runs the seeds, and records the first three that violate a rule with their stories.
    @discardableResult
    private func violations(of options: SimulationOptions, seeds: ClosedRange<UInt64>) async throws -> [SimulationOutcome] {
        let folder = try TemporaryFolder()
        let vault = try SecretVault(folder: folder.path)
        var outcomes: [SimulationOutcome] = []
        for seed in seeds { outcomes.append(try await ControlPlaneSimulation.run(seed: seed, vault: vault, options: options)) }
        let broken = outcomes.filter { $0.violation != nil }
        for outcome in broken.prefix(3) { Issue.record("\(outcome.report)") }
        let list = broken.prefix(50).map { "\($0.seed): \($0.violation ?? "")" }.joined(separator: "\n")
        #expect(broken.isEmpty, "seeds that violate a rule:\n\(list)")
        return outcomes
    }
}
