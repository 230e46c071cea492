// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import API
import Foundation
import HTTPTypes
import IngotModel
import NIOHTTP1
import Simulation
import Testing

@testable import Client
@testable import ControlPlane

@Suite("What each route takes")
struct RouteTests {
    /// Routes that ask for a permission on anything, and then look for themselves at what they are asked about.
    static let judgingThemselves: Set<String> = [
        "GET /v1/health", "GET /v1/services", "PUT /v1/services/:service/specification", "GET /v1/images/:image/evidence", "GET /v1/release-sets",
        "POST /v1/release-sets", "POST /v1/release-sets/plan", "GET /v1/release-sets/:number", "GET /v1/release-sets/:number/live",
        "POST /v1/release-sets/:number/orders", "GET /v1/instances", "GET /v1/instances/:instance", "GET /v1/events", "GET /v1/access/self",
        "GET /v1/tokens", "POST /v1/tokens", "DELETE /v1/tokens/:token",
    ]

    /// Those that change nothing, though they are not GET.
    static let asking: Set<String> = [
        "POST /v1/services/:service/environments/:environment/plan", "POST /v1/services/:service/environments/:environment/why",
    ]

    private static func name(_ route: Route) -> String { "\(route.method.rawValue) \(route.path)" }

    private static func path(_ route: Route) -> String {
        let values = [
            ":service": "shop", ":environment": "production", ":number": "1", ":image": imageDigest(1).text, ":instance": "00000005", ":token": "7",
        ]
        return route.path.split(separator: "/").map { values[String($0)] ?? String($0) }.map { "/\($0)" }.joined()
    }

    @Test("whoever may read another service is refused on every route that says where it belongs, and whoever is nobody on all")
    func walk() async throws {
        let access = try await AccessRig()
        let daemon = try await access.rig.daemon()
        let routes = APIRoutes(desk: daemon.desk).routes()
        #expect(routes.count > 40)
        #expect(Set(routes.map(Self.name)).count == routes.count)
        #expect(Set(routes.filter { $0.reach == .anything }.map(Self.name)) == Self.judgingThemselves)
        for route in routes where route.reach == .path && route.method != .get && !Self.asking.contains(Self.name(route)) {
            #expect(route.permission != .read, "\(Self.name(route))")
        }
        try await access.rig.with(daemon) { local in
            try await local.register(serviceSpecification())
            let stranger = try access.client(try await access.token("stranger", Grant(.operator, on: .service(ServiceName("till")!))))
            var random = SeededGenerator(seed: 3)
            let nobody = try access.client(AccessToken(using: &random).text)
            for route in routes {
                let method = HTTPMethod(rawValue: route.method.rawValue)
                let ask = { (client: Client) in
                    await clientError { _ = try await client.connection.ask(method, Self.path(route), body: Array("{}".utf8)) }?.code
                }
                if route.reach == .path { #expect(await ask(stranger) == "control.access-refused", "\(Self.name(route))") }
                let answer = await ask(nobody)
                #expect(["control.not-authenticated", "control.too-many-failures"].contains(answer), "\(Self.name(route)): \(answer ?? "answered")")
            }
        }
    }
}

@Suite("What is counted instead of told each time")
struct TallyTests {
    private let start = Timestamp(secondsSince1970: 1_000)

    private func kind(_ number: Int) -> RefusalTally.Kind {
        RefusalTally.Kind(actor: Principal(person: "user:a\(number)"), permission: .deploy, scope: .everything)
    }

    @Test("a refusal is told at once, its like after a while with their number, and none is lost")
    func refusals() {
        var tally = RefusalTally()
        #expect(tally.refused(kind(1), at: start) == 1)
        for _ in 0..<5 { #expect(tally.refused(kind(1), at: start + .minutes(1)) == nil) }
        #expect(tally.refused(kind(2), at: start + .minutes(1)) == 1)
        #expect(tally.refused(kind(1), at: start + RefusalTally.window) == 6)
        // A clock that was set back makes nothing silent for longer.
        #expect(tally.refused(kind(2), at: start) == 1)
    }

    @Test("any number of askers takes bounded room, and bounded events")
    func bounded() {
        var tally = RefusalTally()
        let told = (0..<10_000).count { tally.refused(kind($0), at: start) != nil }
        #expect(told == RefusalTally.mostKinds + 1)
        // What was asked again and never since holds no place: what comes later is told as ever.
        var full = RefusalTally()
        for number in 0..<RefusalTally.mostKinds { for _ in 0..<2 { _ = full.refused(kind(number), at: start) } }
        let later = start + RefusalTally.window
        let new = (0..<RefusalTally.mostKinds).map { full.refused(kind(20_000 + $0), at: later) }
        #expect(new.allSatisfy { $0 == 1 })
        #expect(full.refused(kind(30_000), at: later) == nil)
        var failures = FailedAttempts()
        let lines = (0..<20_000).count { failures.failed(from: "10.0.\($0 / 256).\($0 % 256)", at: start) == .refuseAndTell }
        #expect(lines == FailedAttempts.mostAddresses + 2)
    }

    @Test("failures beyond the allowed ones are turned away until a window has passed")
    func failures() {
        var failures = FailedAttempts()
        for number in 1...FailedAttempts.allowed {
            let isTold = number == 1 || number == FailedAttempts.allowed
            #expect(failures.failed(from: "a", at: start) == (isTold ? .refuseAndTell : .refuse))
        }
        #expect(failures.failed(from: "a", at: start) == .turnAway)
        #expect(failures.failed(from: "b", at: start) == .refuseAndTell)
        #expect(failures.failed(from: "a", at: start + FailedAttempts.window) == .refuseAndTell)
    }

    @Test("a group of thousands is found with a longer buffer, and an endless one is none")
    func longEntries() {
        func asked(fitting length: Int) -> (answer: Int?, lengths: [Int]) {
            var lengths: [Int] = []
            let answer = UserDatabase.search { _, given -> (CInt, Int?) in
                lengths.append(given)
                return given < length ? (ERANGE, nil) : (0, given)
            }
            return (answer, lengths)
        }
        #expect(asked(fitting: 100) == (4_096, [4_096]))
        #expect(asked(fitting: 100_000) == (1 << 20, [4_096, 65_536, 1 << 20]))
        #expect(asked(fitting: .max) == (nil, UserDatabase.entryLengths))
        #expect(UserDatabase.search { _, _ in (ENOENT, 1) } == nil)
    }

    @Test(
        "an address is one asker, and so is a network of IPv6",
        arguments: [
            ("10.1.2.3", "10.1.2.3"), ("::ffff:10.1.2.3", "10.1.2.3"), ("2001:db8:0:1::2", "2001:db8:0:1::/64"),
            ("2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"), ("::1", "0:0:0:0::/64"),
        ])
    func addresses(address: String, asker: String) { #expect(PeerAddress.network(of: address) == asker) }

    @Test("what is no origin with TLS gets no token")
    func origins() {
        for text in ["https://a:1", "https://127.0.0.1:9443/", "https://[::1]:9443", "HTTPS://a"] {
            #expect(RemoteOrigin(text: text) != nil, "\(text)")
        }
        for text in [
            "", "a", "a:9443", "http://a:1", "https://", "https://u:p@a:1", "https://u@a", "https://a/path", "https://a?b", "https://a#b",
            "https://a:0",
            "https://a:70000", "https://a b", "https://a\r\nX: y", "unix:///a", "https:///v1",
        ] { #expect(RemoteOrigin(text: text) == nil, "\(text)") }
    }
}
