import Engine
import Glibc
import IngotModel
import LocalEngine
import Synchronization
import SystemPackage
import Testing

/// On a real HAProxy, with real services. One after another: they share two processors and measure.
@Suite("The HAProxy router", .serialized, .timeLimit(.minutes(2)))
struct HAProxyRouterTests {
    @Test("hands requests to a release once it is healthy, and answers unknown hosts with 404")
    func routes() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let blue = try TinyService("blue")
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, [.sample(1, release: 1, port: blue.port)]))
            try await fixture.untilUp(environment, [.sample(1)])
            #expect(ask(fixture.port, host: "SHOP.test:80") == TinyAnswer(status: 200, body: "blue"))
            #expect(blue.checkedHosts.withLock { $0 } == ["shop.test/ready"])
            let refused = ask(fixture.port, host: "else.test")
            #expect(refused?.status == 404)
            #expect(refused?.body == "Ingot: no environment has the host 'else.test'.\n")
            let seen = try await fixture.router.observe(environment)
            #expect(seen?.generation == Generation(1))
            #expect(seen?.split == .all(to: ReleaseNumber(1)))
        }
    }

    @Test("answers 503 for an environment without a server that can take requests, and blames the release that has the split")
    func nobody() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let closed = try Loopback.freePort()
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, [.sample(1, release: 1, port: closed)]))
            let answer = ask(fixture.port, host: "shop.test")
            #expect(answer?.status == 503)
            #expect(answer?.body.contains("no instance of this environment") == true)
            try await eventually("the request to be counted") { try await fixture.served(1, of: environment).unanswered == 1 }
            try await eventually("a check result") {
                try await fixture.router.observe(environment)?.servers[.sample(1)]?.checkResult?.hasPrefix("L4CON: ") == true
            }
            #expect(try await fixture.router.observe(environment)?.servers[.sample(1)]?.health == .starting)
        }
    }

    @Test("does not wait a whole interval for the first check of a server that was added without checks")
    func overlooked() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let blue = try TinyService("blue")
            // Were its first check put off, it would come after the test.
            let readiness = Readiness(path: "/ready", startInterval: 5, interval: .minutes(60), timeout: .seconds(2), rise: 2, fall: 3)
            let server = RouteServer.sample(1, release: 1, port: blue.port, readiness: readiness)
            try await fixture.addUnchecked(server)
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, [server]))
            try await fixture.untilUp(environment, [.sample(1)])
            #expect(ask(fixture.port, host: "shop.test")?.body == "blue")
        }
    }

    @Test("uses its connections to instances again")
    func connections() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let blue = try TinyService("blue")
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, [.sample(1, release: 1, port: blue.port)]))
            try await fixture.untilUp(environment, [.sample(1)])
            let load = TinyLoad(users: 4, port: fixture.port, host: "shop.test")
            try await eventually("many requests") { load.count.total > 400 }
            let count = try await load.finish()
            #expect(count.broken == 0)
            #expect(blue.usedConnections.withLock { $0 } < count.total / 10)
        }
    }

    @Test("never hands a request to an instance that accepts connections and is not ready")
    func neverReady() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let good = try TinyService("good")
            let bad = try TinyService("bad", behaviour: .init(readiness: 503))
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, [.sample(1, release: 1, port: good.port)]))
            try await fixture.untilUp(environment, [.sample(1)])
            let load = TinyLoad(users: 4, port: fixture.port, host: "shop.test")
            try await fixture.router.apply(
                .sample(2, environment: environment, to: 1, [.sample(1, release: 1, port: good.port), .sample(2, release: 1, port: bad.port)]))
            try await eventually("its check to fail") {
                try await fixture.router.observe(environment)?.servers[.sample(2)]?.checkResult?.hasPrefix("L7STS/503") == true
            }
            let answered = load.count.total
            try await eventually("more requests") { load.count.total > answered + 200 }
            let count = try await load.finish()
            #expect(bad.requests.withLock { $0 } == 0)
            #expect(count.broken == 0)
            #expect(count.answers.keys.sorted() == [200])
            bad.behaviour.withLock { $0.readiness = 200 }
            try await fixture.untilUp(environment, [.sample(2)])
        }
    }

    @Test("moves traffic from blue to green under load without losing a request, and counts as the users do")
    func flip() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let (blue, green) = (try TinyService("blue"), try TinyService("green"))
            let blueServer = RouteServer.sample(1, release: 1, port: blue.port)
            let greenServer = RouteServer.sample(2, release: 2, port: green.port)
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, [blueServer]))
            try await fixture.untilUp(environment, [.sample(1)])
            let load = TinyLoad(users: 8, port: fixture.port, host: "shop.test")
            try await fixture.router.apply(.sample(2, environment: environment, to: 1, [blueServer, greenServer]))
            try await fixture.untilUp(environment, [.sample(2)])
            try await eventually("traffic") { load.count.total > 300 }
            #expect(green.requests.withLock { $0 } == 0)

            var draining = blueServer
            draining.state = .draining
            try await fixture.router.apply(.sample(3, environment: environment, to: 2, [draining, greenServer]))
            let seen = try await fixture.router.observe(environment)
            #expect(seen?.split == .all(to: ReleaseNumber(2)))
            #expect(seen?.generation == Generation(3))
            #expect(seen?.servers[.sample(1)]?.health == .draining)
            try await eventually("blue to drain") { try await fixture.router.observe(environment)?.servers[.sample(1)]?.requestsInFlight == 0 }
            let last = blue.requests.withLock { $0 }
            let total = load.count.total
            try await eventually("more requests") { load.count.total > total + 300 }
            let count = try await load.finish()
            #expect(blue.requests.withLock { $0 } == last)
            #expect(count.broken == 0)
            #expect(count.answers == [200: count.total])
            try await eventually("the records") {
                let served = try await (fixture.served(1, of: environment), fixture.served(2, of: environment))
                return served.0.successful == count.bodies["blue"] && served.1.successful == count.bodies["green"]
            }
            #expect(try await fixture.served(1, of: environment).failed == 0)
            #expect(try await fixture.served(2, of: environment).latencyP99Milliseconds ?? 0 > 0)
            #expect(try await fixture.router.lastRequest(to: ReleaseNumber(1), of: environment) != nil)
        }
    }

    @Test("lets a request in flight end while a server drains, and removes the server only then")
    func drain() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let (blue, green) = (try TinyService("blue", behaviour: .init(slowMilliseconds: 700)), try TinyService("green"))
            let greenServer = RouteServer.sample(2, release: 2, port: green.port)
            try await fixture.router.apply(
                .sample(1, environment: environment, to: 1, [.sample(1, release: 1, port: blue.port), greenServer]))
            try await fixture.untilUp(environment, [.sample(1), .sample(2)])
            let slow = TinyLoad(users: 1, port: fixture.port, host: "shop.test", path: "/slow", requestsPerUser: 1)
            try await eventually("a request in flight") { blue.requests.withLock { $0 } == 1 }
            #expect(try await fixture.router.observe(environment)?.servers[.sample(1)]?.requestsInFlight == 1)
            // Not even named any more: it drains all the same, and is gone once it is idle.
            try await fixture.router.apply(.sample(2, environment: environment, to: 2, [greenServer]))
            #expect(ask(fixture.port, host: "shop.test")?.body == "green")
            #expect(try await slow.finished().bodies == ["blue": 1])
            let socket = fixture.folder.appending("runtime.sock").string
            try await eventually("the server to be removed") { try !HAProxyQuestion.serverNames(socket).contains("r1-\(InstanceID.sample(1))") }
        }
    }

    /// What a deadline does to three requests that release 1 does not answer in time, while release 2 has the traffic.
    private func cutThree(_ method: String, _ check: (RouterFixture, EnvironmentID, TinyLoad) async throws -> Void) async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let (blue, green) = (try TinyService("blue", behaviour: .init(slowMilliseconds: 3_000)), try TinyService("green"))
            var blueServer = RouteServer.sample(1, release: 1, port: blue.port)
            let greenServer = RouteServer.sample(2, release: 2, port: green.port)
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, [blueServer, greenServer]))
            try await fixture.untilUp(environment, [.sample(1), .sample(2)])
            let slow = TinyLoad(users: 3, port: fixture.port, host: "shop.test", path: "/slow", method: method, requestsPerUser: 1)
            try await eventually("requests in flight") { blue.requests.withLock { $0 } == 3 }
            blueServer.state = .draining
            try await fixture.router.apply(.sample(2, environment: environment, to: 2, [blueServer, greenServer]))
            #expect(try await fixture.router.observe(environment)?.servers[.sample(1)]?.requestsInFlight == 3)
            blueServer.state = .cutting
            try await fixture.router.apply(.sample(3, environment: environment, to: 2, [blueServer, greenServer]))
            try await eventually("nothing in flight") { try await fixture.router.observe(environment)?.servers[.sample(1)]?.requestsInFlight == 0 }
            try await check(fixture, environment, slow)
        }
    }

    @Test("cuts a request that is not harmless to send again, and counts it")
    func cut() async throws {
        try await cutThree("POST") { fixture, environment, slow in
            try await eventually("the cut to be counted") { try await fixture.served(1, of: environment).cut == 3 }
            #expect(try await fixture.served(1, of: environment).failed == 3)
            #expect(try await slow.finished().answers[200] == nil)
        }
    }

    @Test("hands a cut request that is harmless to send again to the release that has the traffic")
    func cutAndRetried() async throws {
        try await cutThree("GET") { fixture, environment, slow in
            #expect(try await slow.finished().bodies == ["green": 3])
            try await eventually("the records") { try await fixture.served(2, of: environment).retried == 3 }
            #expect(try await fixture.served(1, of: environment).failed == 0)
        }
    }

    @Test("starts HAProxy again when it is killed, with the same servers, and counts on")
    func killed() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let (blue, green) = (try TinyService("blue"), try TinyService("green"))
            let never = try TinyService("never", behaviour: .init(readiness: 503))
            let servers: [RouteServer] = [
                .sample(1, release: 1, port: blue.port, state: .draining), .sample(2, release: 2, port: green.port),
                .sample(3, release: 2, port: never.port),
            ]
            try await fixture.router.apply(.sample(1, environment: environment, to: 2, servers))
            try await fixture.untilUp(environment, [.sample(2)])
            #expect(ask(fixture.port, host: "shop.test")?.body == "green")
            try await eventually("the record") { try await fixture.served(2, of: environment).successful == 1 }
            let first = try #require(await fixture.router.processID())
            kill(first, SIGKILL)
            var events = fixture.router.events.makeAsyncIterator()
            let event = await events.next()
            guard case .restarted(let reason) = event else { Issue.record("not restarted: \(String(describing: event))"); return }
            #expect(reason.contains("\(first)"))
            #expect(await fixture.router.processID() != first)
            #expect(ask(fixture.port, host: "shop.test")?.body == "green")
            try await eventually("the draining server to drain again") {
                try await fixture.router.observe(environment)?.servers[.sample(1)]?.health == .draining
            }
            let seen = try #require(try await fixture.router.observe(environment))
            #expect(seen.split == .all(to: ReleaseNumber(2)))
            #expect(seen.servers[.sample(2)]?.health == .up)
            #expect(seen.servers[.sample(3)]?.health == .starting)
            for _ in 0..<20 { #expect(ask(fixture.port, host: "shop.test")?.body == "green") }
            #expect(never.requests.withLock { $0 } == 0)
            try await eventually("the records") { try await fixture.served(2, of: environment).successful == 22 }
        }
    }

    @Test("takes up the HAProxy of a daemon before, without a reload and without losing count")
    func adopts() async throws {
        let first = try RouterFixture()
        let second = try RouterFixture(folder: first.folder, port: first.port)
        do {
            let environment = try EnvironmentID.sample()
            let blue = try TinyService("blue")
            try await first.start()
            try await first.router.apply(.sample(5, environment: environment, to: 1, [.sample(1, release: 1, port: blue.port)]))
            try await first.untilUp(environment, [.sample(1)])
            for _ in 0..<10 { #expect(ask(first.port, host: "shop.test")?.status == 200) }
            try await eventually("the records") { try await first.served(1, of: environment).successful == 10 }
            let pid = await first.router.processID()
            await first.abandon()
            for _ in 0..<7 { #expect(ask(first.port, host: "shop.test")?.status == 200) }

            try await second.start()
            #expect(await second.router.processID() == pid)
            try await eventually("the records of the time between") { try await second.served(1, of: environment).successful == 17 }
            #expect(ask(first.port, host: "shop.test")?.status == 200)
            try await eventually("the records") { try await second.served(1, of: environment).successful == 18 }
            #expect(try await second.router.observe(environment)?.servers[.sample(1)]?.health == .up)
            await #expect(throws: EngineError.self) {
                try await second.router.apply(.sample(4, environment: environment, to: 1, []))
            }
        } catch {
            await second.end()
            throw error
        }
        await second.end()
    }

    @Test("loses no request when an instance dies, as long as another is there")
    func instanceDies() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let (one, two) = (try TinyService("one"), try TinyService("two"))
            try await fixture.router.apply(
                .sample(1, environment: environment, to: 1, [.sample(1, release: 1, port: one.port), .sample(2, release: 1, port: two.port)]))
            try await fixture.untilUp(environment, [.sample(1), .sample(2)])
            let load = TinyLoad(users: 8, port: fixture.port, host: "shop.test")
            try await eventually("traffic") { load.count.total > 200 }
            one.stop()
            try await eventually("it to be seen down") { try await fixture.router.observe(environment)?.servers[.sample(1)]?.health == .down }
            let total = load.count.total
            try await eventually("more traffic") { load.count.total > total + 200 }
            let count = try await load.finish()
            #expect(count.answers == [200: count.total])
            #expect(try await fixture.served(1, of: environment).failed == 0)
        }
    }

    @Test("counts statuses and broken answers as the user saw them")
    func outcomes() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let service = try TinyService("service")
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, [.sample(1, release: 1, port: service.port)]))
            try await fixture.untilUp(environment, [.sample(1)])
            for status in [200, 204, 302, 404, 500, 503] {
                #expect(ask(fixture.port, host: "shop.test", path: "/status/\(status)")?.status == status)
            }
            #expect(ask(fixture.port, host: "shop.test", path: "/break", method: "POST")?.status == 502)
            try await eventually("the records") { try await fixture.served(1, of: environment).requests == 7 }
            let served = try await fixture.served(1, of: environment)
            #expect([served.successful, served.redirected, served.clientErrors, served.serverErrors, served.unanswered] == [2, 1, 1, 2, 1])
            #expect(served.failed == 3)
        }
    }

    @Test("is content with a TCP connection where no readiness path is given, and moves between the two kinds")
    func connectionIsEnough() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let (blue, green) = (try TinyService("blue", behaviour: .init(readiness: 503)), try TinyService("green"))
            let blueServer = RouteServer.sample(1, release: 1, port: blue.port, readiness: .sample(path: nil))
            let greenServer = RouteServer.sample(2, release: 2, port: green.port)
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, [blueServer, greenServer]))
            try await fixture.untilUp(environment, [.sample(1), .sample(2)])
            #expect(ask(fixture.port, host: "shop.test")?.body == "blue")
            try await fixture.router.apply(.sample(2, environment: environment, to: 2, [blueServer, greenServer]))
            #expect(ask(fixture.port, host: "shop.test")?.body == "green")
            #expect(try await fixture.router.observe(environment)?.split == .all(to: ReleaseNumber(2)))
        }
    }

    @Test("shares traffic by the split, to within a few thousandths")
    func split() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let services = try (0..<4).map { try TinyService($0 == 3 ? "new" : "old\($0)") }
            let servers = services.enumerated().map { RouteServer.sample(UInt32($0), release: $0 == 3 ? 2 : 1, port: $1.port) }
            var route = Route.sample(1, environment: environment, to: 1, servers)
            route.split = try #require(Split([ReleaseNumber(1): BasisPoints(9_500), ReleaseNumber(2): BasisPoints(500)]))
            try await fixture.router.apply(route)
            try await fixture.untilUp(environment, servers.map(\.instance))
            try await eventually("the weights for all four") {
                try await fixture.router.observe(environment)?.split == route.split
            }
            let count = try await TinyLoad(users: 4, port: fixture.port, host: "shop.test", requestsPerUser: 500).finished()
            let share = Double(count.bodies["new"] ?? 0) / Double(count.total)
            #expect(abs(share - 0.05) < 0.005, "\(share)")
        }
    }

    @Test("makes room for more environments by a reload that loses no request")
    func grows() async throws {
        let fixture = try RouterFixture()
        do {
            mkdir(fixture.folder.string, 0o700)
            let state = open(fixture.folder.appending("state.json").string, O_WRONLY | O_CREAT, 0o600)
            let text = #"{"slots":1,"environments":[]}"#
            #expect(write(state, text, text.utf8.count) == text.utf8.count)
            close(state)
            try await fixture.start()
            let (first, second) = (try EnvironmentID.sample("first"), try EnvironmentID.sample("second"))
            let (blue, green) = (try TinyService("blue"), try TinyService("green"))
            try await fixture.router.apply(.sample(1, host: "a.test", environment: first, to: 1, [.sample(1, release: 1, port: blue.port)]))
            try await fixture.untilUp(first, [.sample(1)])
            let load = TinyLoad(users: 4, port: fixture.port, host: "a.test")
            let old = await fixture.router.processID()
            try await fixture.router.apply(.sample(1, host: "b.test", environment: second, to: 1, [.sample(2, release: 1, port: green.port)]))
            try await fixture.untilUp(second, [.sample(2)])
            #expect(await fixture.router.processID() != old)
            #expect(ask(fixture.port, host: "b.test")?.body == "green")
            let total = load.count.total
            try await eventually("more requests") { load.count.total > total + 200 }
            let count = try await load.finish()
            #expect(count.answers == [200: count.total])
            try await eventually("the old process to end") { old.map { kill($0, 0) != 0 } ?? true }
        } catch {
            await fixture.end()
            throw error
        }
        await fixture.end()
    }

    @Test("says that the program is missing, and how to get it")
    func programMissing() async throws {
        let fixture = try RouterFixture(program: "/nowhere/haproxy")
        let error = await #expect(throws: EngineError.self) { try await fixture.router.start() }
        await fixture.end()
        #expect(error?.code == "router.program-missing")
        #expect(error?.remedy == "apt-get install haproxy")
    }

    @Test("takes an environment out, and its host is unknown again")
    func removes() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let blue = try TinyService("blue")
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, [.sample(1, release: 1, port: blue.port)]))
            try await fixture.untilUp(environment, [.sample(1)])
            try await fixture.router.remove(environment)
            #expect(ask(fixture.port, host: "shop.test")?.status == 404)
            let socket = fixture.folder.appending("runtime.sock").string
            try await eventually("the server to be removed") { try HAProxyQuestion.serverNames(socket).isEmpty }
        }
    }

    @Test("moves an environment to another host")
    func renames() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let blue = try TinyService("blue")
            let servers: [RouteServer] = [.sample(1, release: 1, port: blue.port)]
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, servers))
            try await fixture.untilUp(environment, [.sample(1)])
            try await fixture.router.apply(.sample(2, host: "store.test", environment: environment, to: 1, servers))
            #expect(ask(fixture.port, host: "store.test")?.status == 200)
            #expect(ask(fixture.port, host: "shop.test")?.status == 404)
            await #expect(throws: EngineError.self, "its host is taken") {
                try await fixture.router.apply(.sample(1, host: "store.test", environment: try .sample("other"), to: nil, []))
            }
        }
    }

    @Test("says who holds the port that it can't have")
    func portInUse() async throws {
        let (descriptor, port) = try Loopback.listen()
        defer { close(descriptor) }
        let fixture = try RouterFixture(port: port)
        let error = await #expect(throws: EngineError.self) { try await fixture.router.start() }
        await fixture.end()
        #expect(error?.code == "router.port-in-use")
        #expect(error?.message.contains("127.0.0.1:\(port)") == true)
        #expect(error?.message.contains("(process \(getpid()))") == true, "\(String(describing: error?.message))")
    }

    @Test("tells of changes in health")
    func changes() async throws {
        try await RouterFixture.with { fixture in
            let environment = try EnvironmentID.sample()
            let blue = try TinyService("blue")
            var changes = fixture.router.changes().makeAsyncIterator()
            let start = ContinuousClock.now
            try await fixture.router.apply(.sample(1, environment: environment, to: 1, [.sample(1, release: 1, port: blue.port)]))
            while try await fixture.router.observe(environment)?.servers[.sample(1)]?.health != .up {
                #expect(await changes.next() == environment)
            }
            // Two checks, 10 ms apart, and what the test's own machine adds.
            #expect(ContinuousClock.now - start < .seconds(2))
        }
    }
}

/// What HAProxy itself says, asked behind the router's back.
enum HAProxyQuestion {
    static func serverNames(_ socket: String) throws -> [String] {
        guard let connection = Self.connect(socket) else { throw Overdue(description: "no answer from \(socket)") }
        defer { close(connection) }
        _ = Loopback.send("show servers state\n", to: connection)
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 { text += String(decoding: buffer[..<count], as: UTF8.self) }
        return text.split(separator: "\n").compactMap { line -> String? in
            let fields = line.split(separator: " ")
            return fields.count > 18 && fields[0] != "#" ? String(fields[3]) : nil
        }
    }

    private static func connect(_ path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard result == 0 else { close(descriptor); return nil }
        return descriptor
    }
}
