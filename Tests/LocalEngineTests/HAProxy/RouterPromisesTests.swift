import Engine
import Foundation
import Glibc
import IngotModel
import LocalEngine
import Simulation
import Synchronization
import SystemPackage
import Testing

@Suite("What every router promises, by HAProxy", .serialized, .timeLimit(.minutes(3)))
struct RouterPromisesTests {
    /// Services of releases 1 and 2, and the servers in front of them.
    private struct Pair {
        let services: [TinyService]
        let servers: [RouteServer]
        let user: TinyUser
        let environment: EnvironmentID

        init(_ fixture: RouterFixture) throws {
            services = try ["1", "2"].map { try TinyService($0) }
            servers = services.enumerated().map { .sample(UInt32($0 + 1), release: $0 + 1, port: $1.port) }
            user = TinyUser(port: fixture.port, host: "shop.test", services: services)
            environment = try .sample()
        }

        func route(_ generation: Int, to release: Int, draining: Int? = nil) -> Route {
            var servers = servers
            if let draining { servers[draining - 1].state = .draining }
            return .sample(generation, environment: environment, to: release, servers)
        }
    }

    @Test("the suite that every router must pass")
    func suite() async throws {
        try await RouterFixture.with { fixture in
            let pair = try Pair(fixture)
            let sibling = try TinyService("1")
            let late = try TinyService("3", behaviour: .init(readinessMilliseconds: 300))
            try await RouterConformance(
                router: fixture.router, environment: pair.environment, host: "shop.test", first: pair.servers[0], second: pair.servers[1],
                sibling: .sample(4, release: 1, port: sibling.port), dead: .sample(9, release: 1, port: try Loopback.freePort()),
                slow: .sample(3, release: 3, port: late.port),
                user: TinyUser(port: fixture.port, host: "shop.test", services: pair.services + [sibling]),
                patience: RealPatience()
            ).all()
        }
    }

    @Test("a user whose connection is kept alive notices nothing of a drain, and the router ends its connections to what drained")
    func keepAlive() async throws {
        try await RouterFixture.with { fixture in
            let pair = try Pair(fixture)
            try await fixture.router.apply(pair.route(1, to: 1))
            try await fixture.untilUp(pair.environment, pair.servers.map(\.instance))
            let connection = try #require(Loopback.connect(port: fixture.port))
            defer { close(connection) }
            let reader = MessageReader(connection)
            func again() -> String? { ask(on: connection, reader, host: "shop.test", path: "/", method: "GET")?.body }
            for _ in 0..<20 { #expect(again() == "1") }
            try await fixture.router.apply(pair.route(2, to: 2, draining: 1))
            for _ in 0..<20 { #expect(again() == "2", "the same connection goes on, at the other release") }
            try await fixture.router.apply(.sample(3, environment: pair.environment, to: 2, [pair.servers[1]]))
            for _ in 0..<20 { #expect(again() == "2") }
            try await eventually("the router to close its connections to the old instance") { pair.services[0].openConnections == 0 }
            #expect(again() == "2")
        }
    }

    @Test("a user of HTTP/2 goes on over the same connection when traffic moves")
    func http2() async throws {
        try await RouterFixture.with { fixture in
            let pair = try Pair(fixture)
            try await fixture.router.apply(pair.route(1, to: 1))
            try await fixture.untilUp(pair.environment, pair.servers.map(\.instance))
            let user = try HTTP2User(port: fixture.port, host: "shop.test")
            #expect(user.ask() == "1")
            try await fixture.router.apply(pair.route(2, to: 2, draining: 1))
            for _ in 0..<10 { #expect(user.ask() == "2") }
            try await fixture.router.apply(.sample(3, environment: pair.environment, to: 2, [pair.servers[1]]))
            #expect(user.ask() == "2")
        }
    }

    @Test(
        "a real client of HTTP/2 with many requests at once loses none when traffic moves and servers end",
        .enabled(if: access("/usr/bin/h2load", X_OK) == 0, "h2load is missing: scripts/setup test"))
    func h2load() async throws {
        try await RouterFixture.with { fixture in
            let pair = try Pair(fixture)
            try await fixture.router.apply(pair.route(1, to: 1))
            try await fixture.untilUp(pair.environment, pair.servers.map(\.instance))
            let load = Task.detached { try H2Load.run(requests: 20_000, port: fixture.port, host: "shop.test") }
            var generation = 1
            for target in [2, 1, 2] {
                let before = pair.services[target - 1].requests.withLock { $0 }
                generation += 1
                try await fixture.router.apply(pair.route(generation, to: target, draining: 3 - target))
                try await eventually("release \(target) to serve") { pair.services[target - 1].requests.withLock { $0 } > before + 200 }
            }
            // The server that drained is taken away altogether.
            try await fixture.router.apply(.sample(generation + 1, environment: pair.environment, to: 2, [pair.servers[1]]))
            let report = try await load.value
            #expect(report.contains("20000 total, 20000 started, 20000 done, 20000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(report)")
            try await eventually("all to be counted") {
                let counts = try await [fixture.served(1, of: pair.environment), fixture.served(2, of: pair.environment)]
                return counts.reduce(0) { $0 + $1.successful } == 20_000 && counts.allSatisfy { $0.failed == 0 }
            }
        }
    }

    @Test("testers and visitors are known again after HAProxy was killed")
    func marksSurvive() async throws {
        try await RouterFixture.with { fixture in
            let pair = try Pair(fixture)
            var route = pair.route(1, to: 1)
            route.split = try #require(Split([ReleaseNumber(1): BasisPoints(5_000), ReleaseNumber(2): BasisPoints(5_000)]))
            route.testers = Testers(mark: TesterMark(place: .header, name: "X-Try", value: "$1+(2)|[x]^y#z"), release: ReleaseNumber(2))
            route.sticky = StickyCookie(name: "visit")
            try await fixture.router.apply(route)
            try await fixture.untilUp(pair.environment, pair.servers.map(\.instance))
            func check() async throws {
                for _ in 0..<10 {
                    #expect(try await pair.user.ask(headers: ["x-try": "$1+(2)|[x]^y#z"], cookies: [:])?.release == ReleaseNumber(2))
                    #expect(try await pair.user.ask(headers: [:], cookies: ["visit": "1"])?.release == ReleaseNumber(1))
                    #expect(try await pair.user.ask(headers: [:], cookies: ["visit": "2"])?.release == ReleaseNumber(2))
                }
            }
            try await eventually("both to be in their lanes") {
                // By the weights alone one time would be right by chance.
                for _ in 0..<8 {
                    for release in [1, 2] {
                        let answer = try await pair.user.ask(headers: [:], cookies: ["visit": "\(release)"])
                        guard answer?.release == ReleaseNumber(release) else { return false }
                    }
                }
                return true
            }
            try await check()
            let first = try #require(await fixture.router.processID())
            kill(first, SIGKILL)
            try await eventually("another process") { await fixture.router.processID().map { $0 != first } ?? false }
            try await check()
            route.generation = route.generation.next
            route.sticky = nil
            route.testers = nil
            try await fixture.router.apply(route)
            let answer = try await pair.user.ask(headers: [:], cookies: ["visit": "1", "other": "2"])
            #expect(answer?.setCookies == [:])
            #expect(answer?.receivedCookies == ["other": "2"], "what the router has set before, the service does not see after either")
        }
    }

    @Test("a visitor whose release dies is given another")
    func visitorMovesOn() async throws {
        try await RouterFixture.with { fixture in
            let pair = try Pair(fixture)
            var route = pair.route(1, to: 1)
            route.split = try #require(Split([ReleaseNumber(1): BasisPoints(5_000), ReleaseNumber(2): BasisPoints(5_000)]))
            route.sticky = StickyCookie(name: "visit")
            try await fixture.router.apply(route)
            try await fixture.untilUp(pair.environment, pair.servers.map(\.instance))
            try await eventually("release 2 to be in its lane") {
                try await pair.user.ask(headers: [:], cookies: ["visit": "2"])?.release == ReleaseNumber(2)
            }
            pair.services[1].stop()
            for _ in 0..<20 {
                let answer = try await pair.user.ask(headers: [:], cookies: ["visit": "2"])
                #expect(answer?.release == ReleaseNumber(1))
                #expect(answer?.setCookies == ["visit": "1"])
            }
        }
    }

    @Test("what a HAProxy that a reload replaced still serves is seen, is closed and is counted")
    func replaced() async throws {
        try await RouterFixture.with { fixture in
            let pair = try Pair(fixture)
            try await fixture.router.apply(pair.route(1, to: 1))
            try await fixture.untilUp(pair.environment, pair.servers.map(\.instance))
            func seen() async throws -> [Int?] {
                let server = try await fixture.router.observe(pair.environment)?.servers[.sample(1)]
                return [server?.requestsInFlight, server?.streamsInFlight]
            }
            let stream = try await pair.user.openStream()
            let held = try await pair.user.beginRequest()
            try await eventually("both in flight") { try await seen() == [1, 1] }

            // Another timeout of checks can only be had by a reload.
            let old = try #require(await fixture.router.processID())
            let other = try EnvironmentID.sample("other")
            var readiness = Readiness.sample()
            readiness.timeout = 700
            let service = try TinyService("other")
            try await fixture.router.apply(
                .sample(1, host: "other.test", environment: other, to: 1, [.sample(7, release: 1, port: service.port, readiness: readiness)]))
            try await fixture.untilUp(other, [.sample(7)])
            #expect(await fixture.router.processID() != old)
            #expect(try await seen() == [1, 1])
            #expect(try await stream.isOpen())

            var route = pair.route(2, to: 2, draining: 1)
            try await fixture.router.apply(route)
            #expect(ask(fixture.port, host: "shop.test")?.body == "2")
            #expect(try await seen() == [1, 1])
            try await held.end()
            try await eventually("the request to end") { try await seen() == [0, 1] }
            route.generation = route.generation.next
            route.streamLimits = [StreamLimit(release: ReleaseNumber(1), most: 0)]
            try await fixture.router.apply(route)
            #expect(try await seen() == [0, 0])
            try await eventually("the stream to be closed") { try await !stream.isOpen() }
            try await eventually("the records of the old process") {
                let served = try await fixture.served(1, of: pair.environment)
                return served.streamsClosed == 1 && served.successful == 1
            }
            #expect(try await fixture.served(2, of: pair.environment).successful == 1)
            try await eventually("the old process to end") { kill(old, 0) != 0 }
        }
    }

    @Test("streams are counted by HAProxy itself, whoever watches it")
    func streamsOutliveTheDaemon() async throws {
        let first = try RouterFixture()
        let second = try RouterFixture(folder: first.folder, port: first.port)
        do {
            let pair = try Pair(first)
            try await first.start()
            try await first.router.apply(pair.route(1, to: 1))
            try await first.untilUp(pair.environment, pair.servers.map(\.instance))
            func seen(_ fixture: RouterFixture) async throws -> [Int?] {
                let server = try await fixture.router.observe(pair.environment)?.servers[.sample(1)]
                return [server?.requestsInFlight, server?.streamsInFlight]
            }
            var streams: [any OngoingExchange] = []
            for count in 1...3 {
                streams.append(try await pair.user.openStream())
                try await eventually("stream \(count)") { try await seen(first) == [0, count] }
            }
            let held = try await pair.user.beginRequest()
            try await eventually("three streams and a request") { try await seen(first) == [1, 3] }
            await first.abandon()
            try await second.start()
            #expect(try await seen(second) == [1, 3])
            var route = pair.route(2, to: 2, draining: 1)
            route.streamLimits = [StreamLimit(release: ReleaseNumber(1), most: 1)]
            try await second.router.apply(route)
            #expect(try await seen(second) == [1, 1])
            #expect(try await streams[2].isOpen())
            #expect(try await held.isOpen(), "a request is no stream, however long it takes")
            try await held.end()
            try await eventually("the streams to be counted") {
                try await second.served(1, of: pair.environment).streamsClosed == 2
            }
            #expect(try await second.served(1, of: pair.environment).failed == 0)
        } catch {
            await second.end()
            throw error
        }
        await second.end()
    }
}

/// nghttp2's load generator, by prior knowledge.
enum H2Load {
    /// Four connections with ten requests at once each. Blocks; gives what it prints.
    static func run(requests: Int, port: Int, host: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/h2load")
        process.arguments = ["-n", "\(requests)", "-c", "4", "-m", "10", "-H", ":authority: \(host)", "http://127.0.0.1:\(port)/"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Just enough of HTTP/2 (RFC 9113), by prior knowledge, for one GET after the other.
final class HTTP2User {
    private let descriptor: Int32
    private let host: String
    private var stream: UInt32 = 1
    private var rest: [UInt8] = []

    init(port: Int, host: String) throws {
        guard let connection = Loopback.connect(port: port) else { throw Overdue(description: "no connection") }
        descriptor = connection
        self.host = host
        _ = Loopback.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", to: descriptor)
        send(frame(type: 4, flags: 0, stream: 0, []))
    }

    deinit { close(descriptor) }

    /// The body of the answer; `nil` when the connection ends or the status is not 200.
    func ask() -> String? {
        // Indexed `:method: GET`, `:scheme: http`, `:path: /`, and `:authority` as a literal (RFC 7541, appendix A and section 6.2.2).
        let headers: [UInt8] = [0x82, 0x86, 0x84, 0x01, UInt8(host.utf8.count)] + Array(host.utf8)
        send(frame(type: 1, flags: 0x5, stream: stream, headers))
        defer { stream += 2 }
        var body: [UInt8] = []
        var isFine = false
        while let (type, flags, id, payload) = nextFrame() {
            if type == 4, flags & 1 == 0 { send(frame(type: 4, flags: 1, stream: 0, [])) }
            if type == 7 { return nil }
            guard id == stream else { continue }
            // `:status: 200` is entry 8; an update of the table's size may stand before it.
            if type == 1 { isFine = payload.contains(0x88) }
            if type == 0 { body += payload }
            if type <= 1, flags & 1 != 0 { return isFine ? String(decoding: body, as: UTF8.self) : nil }
        }
        return nil
    }

    private func frame(type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        let length = payload.count
        return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
            + (0..<4).map { UInt8(stream >> (24 - 8 * $0) & 255) } + payload
    }

    private func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    private func nextFrame() -> (UInt8, UInt8, UInt32, [UInt8])? {
        guard fill(9) else { return nil }
        let length = Int(rest[0]) << 16 | Int(rest[1]) << 8 | Int(rest[2])
        guard fill(9 + length) else { return nil }
        let id = rest[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
        let frame = (rest[3], rest[4], id, Array(rest[9..<(9 + length)]))
        rest.removeFirst(9 + length)
        return frame
    }

    private func fill(_ count: Int) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while rest.count < count {
            let read = recv(descriptor, &buffer, buffer.count, 0)
            guard read > 0 else { return false }
            rest += buffer[..<read]
        }
        return true
    }
}
