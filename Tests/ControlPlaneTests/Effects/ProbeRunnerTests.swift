import Engine
import IngotModel
import Synchronization
import Testing

@testable import ControlPlane

@Suite("Probes of a release")
struct ProbeRunnerTests {
    private func target(_ ports: Int..., release: Int = 7, deadline: Milliseconds = .minutes(2)) -> ProbeTarget {
        ProbeTarget(
            rollout: Generation(3), release: ReleaseNumber(release), host: "shop.test", path: "/healthz",
            endpoints: ports.map { Endpoint(address: "127.0.0.1", port: $0) }, deadline: deadline)
    }

    @Test("instances are asked in turn, as the router would ask them, and every answer is counted with its time")
    func counts() async throws {
        let failures = Mutex(0)
        try await TestServer.with { _ in
            TestServer.Answer(status: 200)
        } _: { good, goodPort in
            try await TestServer.with { _ in
                let number = failures.withLock {
                    $0 += 1; return $0
                }
                return TestServer.Answer(status: number.isMultiple(of: 2) ? 503 : 404)
            } _: { bad, badPort in
                let woken = Mutex(0)
                let runner = ProbeRunner(clock: .system) { woken.withLock { $0 += 1 } }
                #expect(await runner.count == nil)
                await runner.keep(target(goodPort, badPort))
                try await eventually(nil, within: patience, "twelve are counted") { (await runner.count?.requests ?? 0) >= 12 }
                await runner.stop()
                let count = try #require(await runner.count)
                #expect(count.successful >= 5 && count.clientErrors >= 2 && count.serverErrors >= 2)
                #expect(abs(count.successful - count.clientErrors - count.serverErrors) <= 2)
                #expect(count.latencies.total == count.requests)
                #expect(count.unanswered == 0)
                #expect(woken.withLock { $0 } >= 1)
                #expect(Set((good.requests + bad.requests).map { "\($0.method) \($0.host)\($0.path)" }) == ["GET shop.test/healthz"])
            }
        }
    }

    @Test("no answer is counted as none, and a release that hangs is not flooded")
    func hangs() async throws {
        let gate = Gate()
        try await TestServer.with { _ in
            TestServer.Answer(after: { await gate.pass() })
        } _: { server, port in
            let runner = ProbeRunner(clock: .system) {}
            await runner.keep(target(port, deadline: 300))
            try await eventually(nil, within: patience, "three are given up") { (await runner.count?.unanswered ?? 0) >= 3 }
            #expect(await runner.count?.latencies.total == 0)
            await runner.keep(target(port, deadline: .minutes(1)))
            let already = server.requests.count
            try await eventually(nil, within: patience, "as many as may be are under way") {
                server.requests.count >= already + ProbeRunner.mostInFlight
            }
            gate.open()
            await runner.stop()
        }
    }

    @Test("nobody listening is no answer")
    func refused() async throws {
        let runner = ProbeRunner(clock: .system) {}
        await runner.keep(target(try FreePort.find()))
        try await eventually(nil, within: patience, "it is counted") { (await runner.count?.unanswered ?? 0) >= 2 }
        await runner.stop()
    }

    @Test("counts stay when probing stops, go on with other instances, and begin anew with another release")
    func keeping() async throws {
        try await TestServer.with { _ in
            TestServer.Answer(status: 200)
        } _: { server, port in
            let runner = ProbeRunner(clock: .system) {}
            await runner.keep(target())
            #expect(await runner.count == TrafficCount())
            await runner.keep(target(port))
            try await eventually(nil, within: patience, "some are counted") { (await runner.count?.successful ?? 0) >= 3 }
            await runner.stop()
            let before = try #require(await runner.count?.successful)
            let requests = server.requests.count
            await runner.keep(target(port, port))
            try await eventually(nil, within: patience, "they go on") { (await runner.count?.successful ?? 0) > before }
            #expect(server.requests.count > requests)
            await runner.keep(target(release: 8))
            #expect(await runner.count == TrafficCount())
            await runner.stop()
        }
    }
}
