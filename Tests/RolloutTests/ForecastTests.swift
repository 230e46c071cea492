import IngotModel
import Rollout
import Simulation
import Testing

@Suite("What a deployment would do, without doing it")
struct ForecastTests {
    private func forecast(_ strategy: Strategy, instances: Int) -> [String] {
        var planner = Planner.serving(1, instances: instances, strategy: strategy)
        planner.now = planner.now + .minutes(1)
        let request = RolloutRequest(kind: .deploy, release: ReleaseNumber(2), acceptedAt: planner.now)
        let forecast = Forecast(of: request, in: planner.state, releases: planner.releases, observation: planner.observation)
        #expect(forecast.outcome == .succeeded || forecast.steps.last?.awaiting.isEmpty == false)
        return forecast.steps.map { step in
            let sizes = step.sizes.map { "\($0.release): \($0.size)" }.joined(separator: ", ")
            return "\(step.after) [\(sizes)] \(step.split)\(step.awaiting.isEmpty ? "" : ", waits")"
        }.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    @Test("blue-green: whole beside the old one, all traffic at once, the old one warm, then gone")
    func blueGreen() {
        #expect(
            forecast(.blueGreen, instances: 2) == [
                "0s [1: 2, 2: 2] 100% to release 1", "0s [1: 2, 2: 2] 100% to release 2", "2s [1: 2, 2: 2] 100% to release 2",
                "5s [2: 2] 100% to release 2",
            ])
    }

    @Test("recreate: the old one ends first")
    func recreate() {
        #expect(
            forecast(.recreate, instances: 2) == [
                "0s [1: 2] no traffic", "0s [] no traffic", "0s [2: 2] 100% to release 2", "2s [2: 2] 100% to release 2",
            ])
    }

    @Test("rolling: instances trade places within surge and unavailable, and traffic follows them")
    func rolling() {
        let one = Strategy.rolling(RollingUpdate(surge: .count(1), unavailable: .count(0)))
        #expect(
            forecast(one, instances: 2) == [
                "0s [1: 2, 2: 1] 100% to release 1", "0s [1: 2, 2: 1] 50% to release 1, 50% to release 2",
                "0s [1: 1, 2: 1] 50% to release 1, 50% to release 2", "0s [1: 1, 2: 2] 50% to release 1, 50% to release 2",
                "0s [1: 1, 2: 2] 100% to release 2", "0s [2: 2] 100% to release 2", "2s [2: 2] 100% to release 2",
            ])
    }

    @Test("canary: by steps, with as many instances as each step's share needs")
    func canary() {
        let canary = Strategy.canary(Canary(steps: [500, 5_000, 10_000].map { Canary.Step(share: BasisPoints($0)) }))
        #expect(
            forecast(canary, instances: 4) == [
                "0s [1: 4, 2: 1] 100% to release 1", "0s [1: 4, 2: 1] 95% to release 1, 5% to release 2",
                "2s [1: 4, 2: 2] 95% to release 1, 5% to release 2", "2s [1: 4, 2: 2] 50% to release 1, 50% to release 2",
                "4s [1: 4, 2: 4] 50% to release 1, 50% to release 2", "4s [1: 4, 2: 4] 100% to release 2", "6s [1: 4, 2: 4] 100% to release 2",
                "9s [2: 4] 100% to release 2",
            ])
    }

    @Test("where numbers are asked for, they are good")
    func analysed() {
        var planner = Planner.serving(1, instances: 2)
        planner.releases[ReleaseNumber(2)]?.analysis = AnalysisPolicy(
            errors: BasisPoints(100), requests: 100, falseAlarm: BasisPoints(100),
            metrics: [MetricCheck(name: "m", source: .http("http://localhost"), interval: 1_000, deadline: 1_000, badInRow: 2, errorsInRow: 2)])
        let request = RolloutRequest(kind: .deploy, release: ReleaseNumber(2), acceptedAt: planner.now)
        let forecast = Forecast(of: request, in: planner.state, releases: planner.releases, observation: planner.observation)
        #expect(forecast.outcome == .succeeded)
    }

    @Test("from the middle on it is the rest of the way, counted from now, and what is so already is no news")
    func continuing() {
        var planner = Planner.soaking(2, from: 1, instances: 2)
        planner.now = planner.now + 500
        planner.pass()
        let forecast = Forecast(continuing: planner.state, releases: planner.releases, observation: planner.observation, now: planner.now)
        #expect(forecast.outcome == .succeeded)
        #expect(
            forecast.steps.map { "\($0.after) \($0.decided.joined(separator: "; "))" } == [
                "1s500ms release 2 has succeeded", "4s500ms release 1 has no request in flight: its instances end",
            ])
    }

    @Test("at rest nothing is to come, and what is kept warm ends at its time")
    func atRest() {
        var planner = Planner.serving(1)
        func forecast() -> Forecast {
            Forecast(continuing: planner.state, releases: planner.releases, observation: planner.observation, now: planner.now)
        }
        #expect(forecast().steps.isEmpty && forecast().outcome == nil)
        planner = Planner.soaking(2, from: 1)
        planner.see(1, [.draining])
        planner.pass(after: RolloutTiming.simulated.soak)
        #expect(forecast().steps.map(\.after) == [RolloutTiming.simulated.warm - RolloutTiming.simulated.soak])
        #expect(forecast().outcome == nil)
    }

    @Test("numbers that are too few yet are good at once where all goes well")
    func verdict() {
        var planner = Planner.serving(1)
        planner.releases[ReleaseNumber(2)]?.analysis = AnalysisPolicy(
            errors: BasisPoints(100), requests: 100, falseAlarm: BasisPoints(100), metrics: [])
        planner.deploy(2)
        planner.see(2, [.up])
        planner.pass()
        planner.seeTraffic(on: 2)
        planner.observation.traffic = [ReleaseTraffic(release: ReleaseNumber(2), served: TrafficCount())]
        planner.pass()
        planner.pass(after: RolloutTiming.simulated.soak)
        #expect(planner.plan.awaiting.contains { $0.what.hasPrefix("a verdict") })
        let forecast = Forecast(continuing: planner.state, releases: planner.releases, observation: planner.observation, now: planner.now)
        #expect(forecast.steps.first?.after == 0 && forecast.outcome == .succeeded, "\(forecast)")
    }

    @Test("a step that waits for somebody says so")
    func waiting() {
        let canary = Strategy.canary(Canary(steps: [Canary.Step(share: BasisPoints(5_000), waitsForPromotion: true)]))
        #expect(forecast(canary, instances: 1).last?.hasSuffix("waits") == true)
    }
}
