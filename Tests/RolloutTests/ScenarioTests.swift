import Simulation
import Testing

/// A script and, in a person's words, what comes of it.
struct Scenario: CustomTestStringConvertible, Sendable {
    var name: String
    var script: String
    var steps: String
    var testDescription: String { name }
}

@Suite("Scenarios, step by step")
struct ScenarioTests {
    @Test("a scenario goes as it is written down", arguments: Scenario.all)
    func play(scenario: Scenario) async throws {
        let steps = try await RolloutScenario.play(scenario.script).joined(separator: "\n")
        #expect(steps == scenario.steps, "\(scenario.name) went:\n\(steps)")
    }

    @Test("a scenario with a line that is no command says which", arguments: ["deploy", "release 1", "wait long", "jump", "router"])
    func mistakes(line: String) async {
        await #expect(throws: RolloutScenario.Mistake.self) { try await RolloutScenario.play("# one\n\(line)") }
    }
}
