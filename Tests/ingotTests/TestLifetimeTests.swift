import API
import IngotModel
import Testing

@testable import ingot

@Suite struct TestLifetimeTests {
    private static let run = RunSettings(
        port: 80, readiness: Readiness(path: "/", startInterval: 5, interval: .seconds(1), timeout: .seconds(60), rise: 2, fall: 3),
        stopGrace: .minutes(60), resources: Resources(memory: .mebibytes(64), milliCPU: 500, processes: 64))

    private static let needs = (1...Limits.throwawayPeers).map { TestNeed(image: "redis", name: "redis\($0)", port: 6_379) }

    @Test("what a test needs outlives the start of everything and the deadline of each round")
    func starts() {
        let need = Array(Self.needs.prefix(2))
        let smoke = TestSpecification(name: "smoke", kind: .command(["true"]), deadline: .minutes(10), needs: need)
        #expect(TestLifetime.of(smoke, run: Self.run) == .minutes(10 + 3 + 3))
        let twice = TestSpecification(name: "state", kind: .check(.statelessness(command: ["true"])), deadline: .minutes(10), needs: need)
        #expect(TestLifetime.of(twice, run: Self.run) == .minutes(20 + 4 + 3))
    }

    @Test(
        "the daemon lets the longest test that a manifest can have live to its end",
        arguments: [
            (TestSpecification.Kind.command(["true"]), 60), (.check(.statelessness(command: ["true"])), 30),
            (.check(.gracefulStop(request: nil)), 10), (.check(.readiness), 10),
        ])
    func longest(kind: TestSpecification.Kind, minutes: Int) {
        let test = TestSpecification(name: "longest", kind: kind, deadline: .minutes(minutes), needs: Self.needs)
        #expect(TestLifetime.of(test, run: Self.run) <= Limits.throwawayLifetime)
    }
}
