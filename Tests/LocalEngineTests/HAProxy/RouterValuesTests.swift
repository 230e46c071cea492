import Engine
import FoundationEssentials
import IngotModel
import Testing

@testable import LocalEngine

@Suite("Weights of a split")
struct SplitWeightsTests {
    @Test(
        "hit the shares",
        arguments: [
            ([1: 10_000], [1: 3], [1: 1]),
            ([1: 5_000, 2: 5_000], [1: 1, 2: 1], [1: 1, 2: 1]),
            ([1: 9_500, 2: 500], [1: 1, 2: 1], [1: 19, 2: 1]),
            ([1: 5_000, 2: 5_000], [1: 4, 2: 1], [1: 1, 2: 4]),
            ([1: 10_000], [:], [:]),
            ([1: 5_000, 2: 5_000], [2: 2], [2: 1]),
        ] as [([Int: Int], [Int: Int], [Int: Int])])
    func weights(shares: [Int: Int], servers: [Int: Int], expected: [Int: Int]) throws {
        #expect(SplitWeights.weights(for: try split(shares), servers: byRelease(servers)) == byRelease(expected))
    }

    @Test("never turn a share into nothing, stay in HAProxy's range and miss it by little", arguments: [1, 7, 99, 250, 500, 3_333, 4_999, 9_999])
    func bounded(basisPoints: Int) throws {
        let split = try split([1: 10_000 - basisPoints, 2: basisPoints])
        for servers in [[1: 1, 2: 1], [1: 10, 2: 1], [1: 3, 2: 7]] {
            let weights = SplitWeights.weights(for: split, servers: byRelease(servers))
            #expect(weights.values.allSatisfy { (1...256).contains($0) })
            let totals = Dictionary(uniqueKeysWithValues: servers.map { (ReleaseNumber($0), $1 * (weights[ReleaseNumber($0)] ?? 0)) })
            let inForce = SplitWeights.split(of: totals)
            #expect(abs(inForce[ReleaseNumber(2)].value - basisPoints) <= 10_000 * servers.values.reduce(0, +) / 256, "\(servers) \(weights)")
        }
    }

    @Test("give back a split that sums to the whole", arguments: [[1: 1], [1: 1, 2: 2], [1: 1, 2: 1, 3: 1], [1: 256, 2: 1, 3: 7]])
    func back(totals: [Int: Int]) { #expect(SplitWeights.split(of: byRelease(totals)).shares.values.reduce(0) { $0 + $1.value } == 10_000) }

    private func split(_ shares: [Int: Int]) throws -> Split {
        try #require(Split(Dictionary(uniqueKeysWithValues: shares.map { (ReleaseNumber($0), BasisPoints($1)) })))
    }
    private func byRelease(_ numbers: [Int: Int]) -> [ReleaseNumber: Int] {
        Dictionary(uniqueKeysWithValues: numbers.map { (ReleaseNumber($0), $1) })
    }
}

@Suite("Changes of a route")
struct RouterChangesTests {
    let maps = ConfigurationFile(configuration: RouterConfiguration(), folder: "/r", maximumConnections: 100, user: nil)

    private func server(
        _ number: UInt32, release: Int, weight: Int, _ administration: ServerInForce.Administration = .ready, running: Bool = true
    ) -> ServerInForce {
        ServerInForce(
            backend: Backend(.http, slot: 0), name: ServerName(release: ReleaseNumber(release), instance: .sample(number)),
            endpoint: Endpoint(address: "127.0.0.1", port: 80), weight: weight, administration: administration, isRunning: running, isChecked: true)
    }

    private func changes(_ servers: [ServerInForce], hosts: [String: String] = ["shop.test": "be_0"], to release: Int?, _ wanted: [RouteServer])
        throws -> [String]
    {
        let route = Route.sample(1, environment: try .sample(), to: release, wanted)
        return RouterChanges.between(servers: servers, hosts: hosts, wanted: RoutedEnvironment(slot: 0, route: route), maps: maps).map { "\($0)" }
    }

    @Test("are none when everything is in force")
    func none() throws {
        #expect(try changes([server(1, release: 1, weight: 1)], to: 1, [.sample(1, release: 1, port: 80)]) == [])
    }

    @Test("add a server so that it must be seen healthy before it gets a weight")
    func arrival() throws {
        #expect(
            try changes([], hosts: [:], to: 1, [.sample(1, release: 1, port: 80)]) == [
                "add map /r/check-paths.map r1-ab000001 /ready", "add map /r/check-hosts.map r1-ab000001 shop.test",
                "add server be_0/r1-ab000001 127.0.0.1:80 check inter 200 fastinter 10 downinter 10 rise 2 fall 3"
                    + " observe layer4 error-limit 1 on-error mark-down pool-max-conn -1 pool-purge-delay 1s weight 0",
                "enable health be_0/r1-ab000001", "set server be_0/r1-ab000001 state ready", "set server be_0/r1-ab000001 health down",
                "set server be_0/r1-ab000001 weight 1", "add map /r/hosts.map shop.test be_0",
            ])
    }

    @Test("give the new release its weight before the old one is drained")
    func flip() throws {
        #expect(
            try changes(
                [server(1, release: 1, weight: 1), server(2, release: 2, weight: 0)], to: 2,
                [.sample(1, release: 1, port: 80, state: .draining), .sample(2, release: 2, port: 80)]) == [
                    "set server be_0/r2-ab000002 weight 1", "set server be_0/r1-ab000001 state drain",
                ])
    }

    @Test("bring a drained release back with one command before the other is drained")
    func flipBack() throws {
        #expect(
            try changes(
                [server(1, release: 1, weight: 1, .draining), server(2, release: 2, weight: 1)], to: 1,
                [.sample(1, release: 1, port: 80), .sample(2, release: 2, port: 80, state: .draining)]) == [
                    "set server be_0/r1-ab000001 state ready", "set server be_0/r2-ab000002 state drain",
                ])
    }

    @Test("cut, and drain what nobody names any more")
    func cutAndUnwanted() throws {
        #expect(
            try changes(
                [server(1, release: 1, weight: 1, .draining), server(2, release: 2, weight: 1), server(3, release: 3, weight: 1)], to: 3,
                [.sample(1, release: 1, port: 80, state: .cutting), .sample(3, release: 3, port: 80)]) == [
                    "set server be_0/r2-ab000002 state drain", "shutdown sessions server be_0/r1-ab000001",
                ])
    }

    @Test("wake a server that came up in maintenance from the file")
    func awakening() throws {
        #expect(
            try changes([server(1, release: 1, weight: 1, .maintenance)], to: 1, [.sample(1, release: 1, port: 80)]) == [
                "set server be_0/r1-ab000001 weight 0", "enable health be_0/r1-ab000001", "set server be_0/r1-ab000001 state ready",
                "set server be_0/r1-ab000001 health down", "set server be_0/r1-ab000001 weight 1",
            ])
    }

    @Test("take the weight of all when the split is nobody's")
    func empty() throws {
        #expect(
            try changes([server(1, release: 1, weight: 1)], to: nil, [.sample(1, release: 1, port: 80)]) == ["set server be_0/r1-ab000001 weight 0"])
    }
}

@Suite("First checks of new servers")
struct FirstChecksTests {
    private let start = ContinuousClock.now
    private let backend = Backend(.http, slot: 0)

    private func inForce(begun: Bool = false, running: Bool = false, _ administration: ServerInForce.Administration = .ready) -> ServerInForce {
        ServerInForce(
            backend: backend, name: RouteServer.sample(1, release: 1, port: 80).name, endpoint: Endpoint(address: "127.0.0.1", port: 80), weight: 0,
            administration: administration, isRunning: running, isChecked: true, hasBegunChecks: begun)
    }

    private func arrived(times: Int = 1) -> FirstChecks {
        var checks = FirstChecks()
        for _ in 0..<times { checks.note([.addServer(backend, .sample(1, release: 1, port: 80))], at: start) }
        return checks
    }

    @Test("are overlooked when they have not begun after the first interval and a look")
    func overlooked() {
        var checks = arrived()
        #expect(checks.overlooked([inForce()], at: start + .milliseconds(30)) == [])
        #expect(checks.overlooked([inForce()], at: start + .milliseconds(31)) == [inForce()])
    }

    @Test("are not overlooked when they have begun, or need not begin")
    func others() {
        var checks = arrived()
        for server in [inForce(begun: true), inForce(running: true), inForce(.maintenance), inForce(.draining)] {
            #expect(checks.overlooked([server], at: start + .seconds(9)) == [])
        }
    }

    @Test("of servers that somebody else has added are overlooked at once")
    func unknown() {
        var checks = FirstChecks()
        #expect(checks.overlooked([inForce()], at: start) == [inForce()])
    }

    @Test("are left to HAProxy after some attempts")
    func attempts() {
        var checks = arrived(times: RouterLimits.firstCheckAttempts)
        #expect(checks.overlooked([inForce()], at: start + .seconds(9)) == [])
    }

    @Test("are read from what HAProxy says of a server", arguments: [("1 0 0 6", false), ("1 0 0 7", true), ("8 2 0 6", true), ("15 3 4 6", true)])
    func reading(check: String, begun: Bool) throws {
        let line = "2 be_0 1 r1-ab000001 127.0.0.1 0 0 0 0 0 \(check) 0 0 0 - 80 - 0 0 - - 0"
        #expect(try #require(ServerInForce.parse(line).first).hasBegunChecks == begun)
    }
}

@Suite("The router's state")
struct RouterStateTests {
    @Test("refuses an older generation and takes the same one again")
    func generations() throws {
        var state = RouterState()
        try state.accept(.sample(3, environment: .sample(), to: nil, []))
        try state.accept(.sample(3, environment: .sample(), to: nil, []))
        let error = #expect(throws: EngineError.self) { try state.accept(.sample(2, environment: .sample(), to: nil, [])) }
        #expect(error?.code == EngineError.staleGenerationCode)
    }

    @Test("gives each environment a slot of its own, and doubles the pool when it is full")
    func slots() throws {
        var state = RouterState(slots: 2)
        for name in ["a", "b", "c"] { try state.accept(.sample(1, host: "\(name).test", environment: .sample(name), to: nil, [])) }
        #expect(state.environments.map(\.slot) == [0, 1, 2])
        #expect(state.slots == 4)
        state.remove(try .sample("b"))
        try state.accept(.sample(1, host: "d.test", environment: .sample("d"), to: nil, []))
        #expect(state[try .sample("d")]?.slot == 1)
    }

    @Test("refuses what would harm a configuration", arguments: ["", "a b", "a;b", "a\nb", "Ä.test", "A.test", "%[src]"])
    func hosts(host: String) {
        let error = #expect(throws: EngineError.self) {
            var state = RouterState()
            try state.accept(.sample(1, host: host, environment: .sample(), to: nil, []))
        }
        #expect(error?.code == "router.bad-host")
    }

    @Test("refuses an endpoint that is not an address", arguments: ["localhost", "1.2.3.4 check", ""])
    func endpoints(address: String) {
        var server = RouteServer.sample(1, release: 1, port: 80)
        server.endpoint.address = address
        let error = #expect(throws: EngineError.self) {
            var state = RouterState()
            try state.accept(.sample(1, environment: .sample(), to: 1, [server]))
        }
        #expect(error?.code == "router.bad-endpoint")
    }

    @Test(
        "makes every readiness path harmless",
        arguments: [
            ("/healthz", "/healthz"), ("health", "/health"), ("/a b", "/a%20b"), ("/a;show\ninfo", "/a%3Bshow%0Ainfo"), ("/\"\\#'", "/%22%5C%23%27"),
            ("/x?y=1&z=%20", "/x?y=1&z=%20"),
        ])
    func paths(path: String, expected: String) { #expect(CheckPath.encoded(path) == expected) }

    @Test("survives being stored")
    func stored() throws {
        var state = RouterState()
        try state.accept(.sample(3, environment: .sample(), to: 1, [.sample(1, release: 1, port: 80)]))
        _ = state.sawHealthy(.sample(1), of: try .sample())
        #expect(try JSONDecoder().decode(RouterState.self, from: JSONEncoder().encode(state)) == state)
    }
}

@Suite("HAProxy's configuration")
struct ConfigurationFileTests {
    private let file = ConfigurationFile(
        configuration: RouterConfiguration(binds: ["*:80"]), folder: "/r", maximumConnections: 100, user: "haproxy")

    @Test("holds the servers as they are in force")
    func servers() throws {
        var state = RouterState(slots: 1)
        try state.accept(
            .sample(
                3, environment: .sample(), to: 1,
                [
                    .sample(1, release: 1, port: 80), .sample(2, release: 1, port: 81), .sample(3, release: 2, port: 82, state: .draining),
                    .sample(4, release: 2, port: 83, state: .draining, readiness: .sample(path: nil)),
                ]))
        for number in [1, 3] as [UInt32] { _ = state.sawHealthy(.sample(number), of: try .sample()) }
        let lines = file.text(for: state).split(separator: "\n").filter { $0.hasPrefix("    server ") || $0.hasPrefix("backend b") }
        let check =
            "check inter 200 fastinter 10 downinter 10 rise 2 fall 3 observe layer4 error-limit 1 on-error mark-down"
            + " pool-max-conn -1 pool-purge-delay 1s"
        #expect(
            lines == [
                "backend be_0", "    server r1-ab000001 127.0.0.1:80 \(check) weight 1",
                "    server r1-ab000002 127.0.0.1:81 \(check) weight 1 disabled",
                "    server r2-ab000003 127.0.0.1:82 \(check) weight 0", "backend bt_0",
                "    server r2-ab000004 127.0.0.1:83 \(check) weight 0 disabled",
            ])
        #expect(file.hosts(of: state) == "shop.test be_0\n")
        #expect(file.checkPaths(of: state) == "r1-ab000001 /ready\nr1-ab000002 /ready\nr2-ab000003 /ready\n")
    }

    @Test("has a version that changes with what can't change at run time, and with nothing else")
    func version() throws {
        var state = RouterState(slots: 1)
        let before = file.text(for: state)
        try state.accept(.sample(3, environment: .sample(), to: nil, []))
        let version = file.version(of: RouterState(slots: 1))
        #expect(before.contains(version))
        #expect(file.text(for: state).contains(version))
        #expect(version != file.version(of: RouterState(slots: 2)))
        var readiness = Readiness.sample()
        readiness.timeout = 300
        try state.accept(.sample(4, environment: .sample(), to: 1, [.sample(1, release: 1, port: 80, readiness: readiness)]))
        #expect(file.text(for: state).contains("timeout check 300\n"))
        #expect(version != file.version(of: state))
        var other = file
        other.configuration.binds = ["*:81"]
        #expect(version != other.version(of: RouterState(slots: 1)))
    }

    @Test("takes only addresses to listen on", arguments: ["80", "*:0", "*:99999", "*:80 ssl crt x", "a\nb:80", ""])
    func binds(bind: String) {
        let error = #expect(throws: EngineError.self) { try RouterConfiguration(binds: [bind]).validate() }
        #expect(error?.code == "router.bad-bind")
    }

    @Test("derives its connections from the limit of open files", arguments: [(20_000, 8_976), (1_024, 384), (1_000_000, 100_000), (64, 64)])
    func connections(limit: Int, expected: Int) { #expect(RouterConfiguration.connections(openFiles: limit) == expected) }
}

@Suite("What HAProxy says")
struct HAProxyAnswersTests {
    @Test("in CSV, with quotes")
    func csv() {
        #expect(ServerStatistics.fields(of: #"a,"b,""c""",,d"#) == ["a", "b,\"c\"", "", "d"])
        let text = """
            # pxname,svname,scur,check_status,check_code,check_desc,last_chk,
            be_3,r12-0badcafe,2,* L7STS,503,Layer7 wrong status,,
            be_3,r12-0badcaff,0,INI,,Initializing,,
            be_3,BACKEND,2,,,,,
            """
        let parsed = ServerStatistics.parse(text)
        #expect(parsed.map(\.inFlight) == [2, 0])
        #expect(parsed.map(\.checkResult) == ["L7STS/503: Layer7 wrong status", nil])
        #expect(parsed.first?.backend == Backend(.http, slot: 3))
    }

    @Test(
        "of its servers' state",
        arguments: [
            ("2 0 5", ServerInForce.Administration.ready, true), ("0 1 5", .maintenance, false), ("2 8 5", .draining, true), ("2 4 5", .ready, true),
            ("0 9 5", .maintenance, false),
        ])
    func state(fields: String, administration: ServerInForce.Administration, isRunning: Bool) {
        let servers = ServerInForce.parse(
            "1\n# be_id …\n4 be_0 1 r1-aaaaaaaa 127.0.0.1 \(fields) 1 0 15 3 4 6 0 0 0 - 19101 - 0 0 - - 0\n")
        #expect(servers.count == 1)
        #expect(servers.first?.administration == administration)
        #expect(servers.first?.isRunning == isRunning)
        #expect(servers.first?.weight == 5)
        #expect(servers.first?.endpoint == Endpoint(address: "127.0.0.1", port: 19_101))
    }

    @Test("is cut into answers at the prompts, wherever the network cuts it", arguments: 1...6)
    func prompts(size: Int) {
        var reader = AnswerReader()
        let bytes = Array("\n> a\nb\n\n> \n> ".utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let isWithinLimit = reader.add(bytes[start..<min(bytes.count, start + size)])
            #expect(isWithinLimit)
        }
        #expect(reader.answers == ["", "a\nb\n", ""])
    }

    @Test("when it does not start")
    func startFailure() {
        let busy = StartFailure.error(
            from: "[ALERT]    (7) : Starting frontend public: cannot bind socket (Address already in use) [127.0.0.1:8080]\n",
            holder: { "nginx (process \($0))" })
        #expect(busy.code == "router.port-in-use")
        #expect(busy.message == "the router can't listen on 127.0.0.1:8080: it is in use by nginx (process 8080)")
        #expect(
            StartFailure.error(from: "[ALERT] (1) : config : boom\n", holder: { _ in nil }).message
                == "HAProxy did not start: [ALERT] (1) : config : boom")
    }

    @Test("of who holds a port, in the kernel's words")
    func portHolder() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1
               1: 0100007F:1F90 00000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 4712 1
            """
        #expect(PortHolder.listeningInodes(in: table, port: 8_080) == ["socket:[4711]"])
    }
}

@Suite("Records of requests")
struct RequestRecordTests {
    private func record(_ line: String) -> RequestRecord? { RequestRecord.parse(Array(line.utf8)[...]) }

    @Test(
        "are counted once, by what the user saw",
        arguments: [
            ("be_0 r1-ab000001 200 --", RequestRecord.Outcome.answered(class: 2)), ("be_0 r1-ab000001 503 --", .answered(class: 5)),
            ("be_0 r1-ab000001 502 SH", .unanswered), ("be_0 <NOSRV> 503 SC", .unanswered), ("be_0 r1-ab000001 504 sH", .unanswered),
            ("be_0 r1-ab000001 200 SD", .unanswered), ("be_0 r1-ab000001 200 KD", .cut), ("be_0 r1-ab000001 -1 KH", .cut),
            ("be_0 r1-ab000001 101 SD", .answered(class: 1)), ("be_0 r1-ab000001 -1 CH", .abandoned),
            ("be_0 r1-ab000001 200 CD", .answered(class: 2)), ("be_0 r1-ab000001 502 PH", .unanswered),
        ])
    func outcomes(fields: String, outcome: RequestRecord.Outcome) {
        #expect(record("7 \(fields) 0 1000 2000 0 0 0 -")?.outcome == outcome)
    }

    @Test("of streams that were closed are no requests that were cut", arguments: ["101 KD", "200 KD"])
    func streams(fields: String) {
        #expect(record("7 be_0 r1-ab000001 \(fields) 0 1000 2000 0 0 0 1")?.outcome == .streamClosed)
        #expect(record("7 be_0 r1-ab000001 \(fields) 0 1000 2000 0 0 0 -")?.outcome == .cut)
    }

    @Test("of streams whose instance has ended are no failed requests", arguments: [("101 SD", 1), ("200 SD", 2), ("200 SL", 2)])
    func brokenStreams(fields: String, statusClass: Int) {
        #expect(record("7 be_0 r1-ab000001 \(fields) 0 1000 2000 0 0 0 1")?.outcome == .answered(class: statusClass))
    }

    @Test("know when the request was handed over and how long the answer took")
    func times() {
        let record = record("7 bt_12 r3-ab000001 200 -- +2 1000000 1250000 3 4 20 -")
        #expect(record?.headMilliseconds == 27)
        #expect(record?.isStream == false)
        #expect(record?.handedAt == 1_007_000)
        #expect(record?.latencyMicroseconds == 250_000)
        #expect(record?.retries == 2)
        #expect(record?.backend == Backend(.tcp, slot: 12))
        #expect(record?.server?.release == ReleaseNumber(3))
    }

    @Test(
        "that are not of an environment are none",
        arguments: [
            "", "7", "7 unknown <NOSRV> 404 LR 0 1 2 -1 -1 -1 -", "x be_0 r1-ab000001 200 -- 0 1 2 0 0 0 -",
            "7 be_x r1-ab000001 200 -- 0 1 2 0 0 0 -", "7 public <NOSRV> 400 PR 0 - 2 -1 -1 -1 -",
        ])
    func none(line: String) { #expect(record(line) == nil) }

    @Test("go on after the one that was counted last")
    func filter() {
        let lines = ["1 a", "2 b", "3 c"].map { Array($0.utf8)[...] }
        #expect(RecordFilter(marker: nil).new(in: lines).count == 3)
        let filter = RecordFilter(marker: 2)
        #expect(filter.new(in: lines) == [lines[2]])
        #expect(filter.new(in: lines).count == 3)
    }

    @Test("add up by release, keep their place, and survive being stored")
    func ledger() throws {
        var ledger = TrafficLedger()
        let environment = try EnvironmentID.sample()
        ledger.know([.sample(1)], of: environment)
        for line in [
            "1 be_0 r1-ab000001 200 -- 0 1000000 1002000 0 0 2 -", "2 be_0 r1-ab000001 200 -- +1 3000000 3100000 0 0 99 -",
            "3 be_0 r2-ab000002 500 -- 0 1 2 0 0 0 -", "4 be_0 <NOSRV> 503 SC 0 1 2 -1 -1 -1 -", "5 be_0 r1-ab000001 -1 CH 0 1 2 0 0 -1 -",
            "6 be_0 r1-ab000001 -1 KH 0 1 2 0 0 -1 -", "7 be_0 r1-ab000001 101 KD 0 1 9000000 0 0 1 1",
        ] { ledger.count(try #require(record(line)), of: environment, blamed: ReleaseNumber(2)) }
        ledger.position = TrafficLedger.Position(process: "1-2", number: 6)
        let traffic = ledger.traffic(of: environment)
        #expect(traffic.map(\.release.value) == [1, 2])
        #expect(traffic.map(\.served.successful) == [2, 0])
        #expect(traffic.map(\.served.serverErrors) == [0, 1])
        #expect(traffic.map(\.served.unanswered) == [0, 1])
        #expect(traffic.map(\.served.cut) == [1, 0])
        #expect(traffic.map(\.served.retried) == [1, 0])
        #expect(traffic.map(\.served.streamsClosed) == [1, 0])
        #expect(traffic.map(\.served.latencies.total) == [2, 1])
        #expect(traffic.first?.served.latencies.slower(than: 50) == 1)
        #expect(traffic.first?.served.latencyP99Milliseconds == 100)
        #expect(Array(ledger.served(by: environment).keys) == [.sample(1)])
        #expect(ledger.served(by: environment)[.sample(1)]?.successful == 2)
        #expect(ledger.lastRequest(to: FleetID(environment: environment, release: ReleaseNumber(1))) == Timestamp(millisecondsSince1970: 3_000))
        let stored = try JSONDecoder().decode(TrafficLedger.self, from: JSONEncoder().encode(ledger))
        #expect(stored.entries == ledger.entries)
        #expect(stored.position == ledger.position)
        #expect(stored.instances == ledger.instances)
        ledger.know([.sample(2)], of: environment)
        #expect(ledger.served(by: environment) == [.sample(2): TrafficCount()])
    }

    @Test("of a ledger that was stored before instances were counted are read")
    func formerLedger() throws {
        var ledger = TrafficLedger()
        ledger.know(FleetID(environment: try .sample(), release: ReleaseNumber(1)))
        let now = String(decoding: try JSONEncoder().encode(ledger), as: UTF8.self)
        let before = now.replacing(#""instances":[],"#, with: "").replacing(#","instances":[]"#, with: "")
        #expect(before != now)
        let read = try JSONDecoder().decode(TrafficLedger.self, from: Data(before.utf8))
        #expect(read.entries == ledger.entries && read.instances.isEmpty)
    }
}

@Suite("What the router looks at")
struct AttentionTests {
    private static func lines(_ texts: [String]) -> [ArraySlice<UInt8>] { texts.map { Array($0.utf8)[...] } }

    @Test("is everything at first and when asked for, and else only what is on its way anyway")
    func everything() {
        var attention = Attention()
        #expect(attention.take() == nil)
        #expect(attention.take() == [])
        attention.turn(to: Self.lines(["Health check for server be_3/r1-0badcafe failed, reason: Layer4 connection problem"]))
        attention.turnToEverything()
        #expect(attention.take() == nil)
        #expect(attention.take() == [])
    }

    @Test("is where HAProxy says that a server's health has changed, in either kind of backend")
    func health() {
        var attention = Attention()
        _ = attention.take()
        attention.turn(
            to: Self.lines([
                "Health check for server be_3/r1-0badcafe failed, reason: Layer4 connection problem, info: \"Connection refused\", status: 2/3 UP.",
                "<133>Server bt_12/r4-00000001 is DOWN, reason: Layer4 timeout. 1 active and 0 backup servers left.",
            ]))
        #expect(attention.take() == [3, 12])
    }

    @Test("is everything where a line names no server", arguments: ["backend be_3 has no server available!", "", "server x/y is UP", "a/b"])
    func unknown(line: String) {
        var attention = Attention()
        _ = attention.take()
        attention.turn(to: Self.lines([line]))
        #expect(attention.take() == nil)
    }
}
