import IngotModel
import Rollout
import Simulation
import Testing

@Suite("Properties of the planner, over anything that could be seen")
struct PropertyTests {
    /// Observations that no world would give: the planner must stay sane all the same.
    @Test("no observation, no time and no request breaks the planner", arguments: 1...20 as ClosedRange<UInt64>)
    func anything(seed: UInt64) async {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<25 {
            await Task.yield()
            var planner = Planner(
                releases: 4, instances: generator.number(in: 1...3), strategy: generator.pick(Strategy.allSimulated) ?? .blueGreen)
            for _ in 0..<60 {
                planner.observation = anyObservation(&generator, upTo: planner.state.target.generation)
                planner.now = planner.now + Milliseconds(generator.number(in: -2_000...9_000))
                let before = planner.state
                if generator.happens(percent: 20) {
                    planner.pass(generator.happens(percent: 50) ? .deploy : .rollback, generator.number(in: 1...4))
                } else if generator.happens(percent: 15), let command = generator.pick(RolloutCommand.allSimulated) {
                    planner.pass(commands: [command])
                } else {
                    planner.pass()
                }
                expectSane(planner, before)
            }
        }
    }

    private func expectSane(_ planner: Planner, _ before: EnvironmentState) {
        let findings = PlanLint.findings(
            before: before.target, after: planner.state, plan: planner.plan, releases: planner.releases, observation: planner.observation,
            now: planner.now)
        #expect(findings.isEmpty, "\(findings) in \(planner.state)")
        var again = planner
        again.pass()
        #expect(
            again.state == planner.state && again.plan.decided.isEmpty && again.plan.finished.isEmpty,
            "the same input decides more: \(again.plan.decided)\n\(planner.observation)\n\(before)\n\(planner.state)\n\(again.state)")
    }

    /// The one thing that no router can have is a route that it was not given yet.
    private func anyObservation(_ generator: inout SeededGenerator, upTo newest: Generation) -> Observation {
        var planner = Planner(releases: 1)
        for release in 1...5 where generator.happens(percent: 60) {
            let health = (0..<generator.number(in: 0...3)).map { _ in
                generator.pick([.starting, .up, .up, .down, .draining, .ending] as [InstanceObservation.Health]) ?? .up
            }
            planner.see(
                release, health, size: generator.number(in: 0...4), inFlight: generator.number(in: 0...2), failures: generator.number(in: 0...5),
                startError: generator.happens(percent: 5) ? "no address is left" : nil)
        }
        planner.seeTraffic(on: generator.pick([nil, 1, 2, 3, 4, 9]) ?? nil)
        if generator.happens(percent: 15) { planner.observation.split = nil }
        planner.observation.routeGeneration = generator.happens(percent: 70) ? newest : Generation(generator.number(in: 0...newest.value))
        return planner.observation
    }
}
