import Engine
import Glibc
import IngotModel
import SystemPackage
import Testing

@testable import LocalEngine

@Suite("Marks of requests")
struct RouterMarksTests {
    @Test(
        "stand for themselves, whatever is in them",
        arguments: [
            ("abc-1_2", "abc-1_2"), ("a.b", "a[.]b"), ("^[x]$", "\\^[[]x[]][$]"), (".*", "[.][*]"),
            ("(a|b)", "[(]a[|]b[)]"), ("%[src]", "[%][[]src[]]"),
        ])
    func literal(text: String, pattern: String) { #expect(MarkPattern.literal(text) == pattern) }

    @Test("reach HAProxy's command line as one word each")
    func escaped() {
        #expect("\(RuntimeCommand.addToMap("/m", key: "a;b\\1 c", value: "\\2|\\1"))" == "add map /m a\\;b\\\\1\\ c \\\\2|\\\\1")
        #expect("\(RuntimeCommand.deleteFromMap("/m", key: "x"))" == "del map /m x")
    }

    @Test("are refused where they can't stand in a request", arguments: ["", "a b", "a;b", "a\r\nb", "\"a\"", "a\\b", "ä", "a,b"])
    func refused(value: String) {
        let error = #expect(throws: EngineError.self) {
            var route = Route.sample(1, environment: try .sample(), to: 1, [])
            route.testers = Testers(mark: TesterMark(place: .header, name: "x", value: value), release: ReleaseNumber(1))
            var state = RouterState()
            try state.accept(route)
        }
        #expect(error?.code == "router.bad-mark")
    }

    @Test("are refused where their name is none", arguments: ["", "a b", "a=b", "a;b", "a\nb", "(a)", "a:"])
    func refusedNames(name: String) {
        for isTester in [true, false] {
            let error = #expect(throws: EngineError.self) {
                var route = Route.sample(1, environment: try .sample(), to: 1, [])
                if isTester {
                    route.testers = Testers(mark: TesterMark(place: .cookie, name: name, value: "1"), release: ReleaseNumber(1))
                } else {
                    route.sticky = StickyCookie(name: name)
                }
                var state = RouterState()
                try state.accept(route)
            }
            #expect(error?.code == "router.bad-mark")
        }
    }

    @Test("open lanes of servers that can take a request, for visitors only where their release has a share")
    func lanes() throws {
        var route = Route.sample(
            1, environment: try .sample(), to: 1,
            [
                .sample(1, release: 1, port: 80), .sample(2, release: 1, port: 81), .sample(3, release: 1, port: 82, state: .draining),
                .sample(4, release: 2, port: 83),
            ])
        let environment = { RoutedEnvironment(slot: 3, route: route, cookie: route.sticky?.name) }
        #expect(Lanes.entries(of: environment()) { _ in true }.isEmpty)
        route.testers = Testers(mark: TesterMark(place: .header, name: "x", value: "y"), release: ReleaseNumber(2))
        route.sticky = StickyCookie(name: "visit")
        let all = Lanes.entries(of: environment()) { _ in true }
        #expect(
            all == [
                "3.choice": "1", "3.testers": "1", "3.t2": "1", "3.t2.0": "r2-ab000004", "3.cookie": "visit", "3.sticky": "visit", "3.v1": "2",
                "3.v1.0": "r1-ab000001", "3.v1.1": "r1-ab000002",
            ])
        let some = Lanes.entries(of: environment()) { $0.instance != .sample(1) && $0.release == ReleaseNumber(1) }
        #expect(
            Lanes.changes(from: all, to: some, map: "/l").map { "\($0)" } == [
                "set map /l 3.v1.0 r1-ab000002", "set map /l 3.v1 1", "del map /l 3.t2", "del map /l 3.t2.0", "del map /l 3.v1.1",
            ])
        #expect(
            Lanes.changes(from: some, to: all, map: "/l").map { "\($0)" } == [
                "add map /l 3.t2.0 r2-ab000004", "set map /l 3.v1.0 r1-ab000001", "add map /l 3.v1.1 r1-ab000002", "add map /l 3.t2 1",
                "set map /l 3.v1 2",
            ])
    }

    @Test("refuse testers a release that is checked in another way than the one that has the traffic")
    func mixed() throws {
        var route = Route.sample(
            1, environment: try .sample(), to: 1, [.sample(1, release: 1, port: 80), .sample(2, release: 2, port: 81, readiness: .sample(path: nil))])
        var state = RouterState()
        try state.accept(route)
        route.testers = Testers(mark: TesterMark(place: .header, name: "x", value: "y"), release: ReleaseNumber(2))
        let error = #expect(throws: EngineError.self) { try state.accept(route) }
        #expect(error?.code == "router.mixed-readiness")
    }
}

@Suite("Streams")
struct RouterStreamsTests {
    @Test("are told from other sessions, the oldest first")
    func sessions() {
        let text = """
            0x55a0: proto=tcpv4 src=127.0.0.1:1 fe=public be=be_0 srv=r1-ab000001 ts=00 epoch=0 age=1h3m calls=3 rate=0 exp=0s rc=0 c_exp=
            0x55b0: proto=tcpv4 src=127.0.0.1:2 fe=public be=be_0 srv=r2-ab000002 ts=00 epoch=0 age=2m5s calls=3 rate=0 exp=0s rc=0 c_exp=
            0x7fd0: proto=unix_stream src=unix:1 fe=GLOBAL be=<NONE> srv=<none> ts=00 epoch=0 age=0s calls=1 rate=1 exp=10s rc=0 c_exp=
            """
        let sessions = SessionInForce.parse(text)
        #expect(sessions.map(\.id) == ["0x55a0", "0x55b0"])
        #expect(sessions.map(\.ageSeconds) == [3_780, 125])
        #expect(sessions.map(\.server.release.value) == [1, 2])
        let one = """
            0x55a0: [23/Nov/2026:22:55:04.759978] id=17 proto=tcpv4 source=127.0.0.1:1
              server=r1-ab000001 (id=1) addr=127.0.0.1:18997
              task=0x1 (state=0x00 nice=1 calls=3 age=2s)
            """
        let details = SessionDetails(one, id: "0x55a0")
        #expect(details?.number == 17)
        #expect(details?.server == ServerName(release: ReleaseNumber(1), instance: .sample(1)))
        #expect(details?.isStream == true)
        #expect(SessionDetails(one.replacing("nice=1 ", with: "nice=0 "), id: "0x55a0")?.isStream == false)
        #expect(SessionDetails("", id: "0x55a0") == nil)
        #expect(SessionDetails(one.replacing("r1-ab000001", with: "<none>"), id: "0x55a0") == nil, "it belongs to nobody any more")
    }

    @Test("are read from HAProxy's table")
    func table() {
        let text =
            "# table: streams, type: string, size:102400, used:2\n0x1: key=r1-ab000001 use=2 exp=0 conn_cur=2\n0x2: key=x use=1 exp=0 conn_cur=1\n"
        #expect(StreamTable.parse(text) == [ServerName(release: ReleaseNumber(1), instance: .sample(1)): 2])
    }

    @Test("beyond the limit of their release are too many")
    func excess() throws {
        let name = { (number: UInt32, release: Int) in ServerName(release: ReleaseNumber(release), instance: .sample(number)) }
        let sight = RouteSight(
            servers: [name(1, 1), name(2, 1), name(3, 2)].map {
                ServerInForce(
                    backend: Backend(.http, slot: 0), name: $0, endpoint: Endpoint(address: "::1", port: 1), weight: 1, administration: .draining,
                    isRunning: true, isChecked: true)
            },
            statistics: [name(1, 1): ServerStatistics(backend: Backend(.http, slot: 0), name: name(1, 1), inFlight: 5)],
            streamCounts: [name(1, 1): 3, name(2, 1): 2, name(3, 2): 7])
        var route = Route.sample(1, environment: try .sample(), to: 2, [])
        route.streamLimits = [StreamLimit(release: ReleaseNumber(1), most: 4), StreamLimit(release: ReleaseNumber(2), most: 7)]
        let excess = StreamExcess.of(RoutedEnvironment(slot: 0, route: route), sight)
        #expect(excess == [StreamExcess(servers: [name(1, 1), name(2, 1)], count: 1)])
        #expect([sight.requests(name(1, 1)), sight.requests(name(2, 1))] == [2, 0])
        route.streamLimits = [StreamLimit(release: ReleaseNumber(1), instance: .sample(2), most: 1)]
        #expect(StreamExcess.of(RoutedEnvironment(slot: 0, route: route), sight) == [StreamExcess(servers: [name(2, 1)], count: 1)])
    }
}

@Suite("A file and its twin")
struct TwinFileTests {
    private func withFolder(_ body: (RouterFolder) throws -> Void) throws {
        let folder = RouterFolder(path: FilePath("/tmp/ingot-twin-\(String(UInt32.random(in: 0 ... .max), radix: 16))"))
        try folder.create()
        defer { SystemFile.removeTree(folder.path) }
        try body(folder)
    }

    @Test("hold the last value, whoever reads it")
    func last() throws {
        try withFolder { folder in
            let file = TwinFile<[String]>("x", in: folder)
            #expect(try file.read() == nil)
            for count in [1, 2, 3, 5_000, 2, 1] {
                try file.write(Array(repeating: "a\n", count: count))
                #expect(try TwinFile<[String]>("x", in: folder).read()?.count == count)
            }
            let other = TwinFile<[String]>("x", in: folder)
            _ = try other.read()
            try other.write(["new"])
            #expect(try file.read() == ["new"])
        }
    }

    @Test("fall back to the one before when a write was torn, and say when neither is whole", arguments: [0, 10, 24, 30])
    func torn(offset: Int) throws {
        try withFolder { folder in
            let file = TwinFile<[String]>("x", in: folder)
            for value in ["one", "two", "three"] { try file.write([value]) }
            func tear(_ name: String) throws {
                var bytes = try #require(try folder.read(name))
                bytes[offset] ^= 1
                try folder.write(bytes, to: name, isDurable: false)
            }
            try tear("x.1.json")
            let reader = TwinFile<[String]>("x", in: folder)
            #expect(try reader.read() == ["two"])
            try reader.write(["four"])
            #expect(try TwinFile<[String]>("x", in: folder).read() == ["four"])
            try tear("x.0.json")
            try tear("x.1.json")
            #expect(throws: EngineError.self) { try TwinFile<[String]>("x", in: folder).read() }
        }
    }

    @Test("take over what was stored in one file before")
    func former() throws {
        try withFolder { folder in
            try folder.write(Array("[\"old\"]".utf8), to: "x.json", isDurable: false)
            let file = TwinFile<[String]>("x", in: folder)
            #expect(try file.read() == ["old"])
            try file.write(["new"])
            #expect(try TwinFile<[String]>("x", in: folder).read() == ["new"])
        }
    }
}
