import Engine
import IngotModel

/// HAProxy's configuration and its maps, as text. Pure: the same state gives the same bytes.
struct ConfigurationFile: Sendable {
    var configuration: RouterConfiguration
    var folder: String
    var maximumConnections: Int
    /// The account without rights that HAProxy becomes; `nil` where there is none.
    var user: String?

    var socketPath: String { "\(folder)/runtime.sock" }
    var hostsPath: String { "\(folder)/hosts.map" }
    var checkPathsPath: String { "\(folder)/check-paths.map" }
    var checkHostsPath: String { "\(folder)/check-hosts.map" }
    /// What `Lanes` says.
    var lanesPath: String { "\(folder)/lanes.map" }
    var marksPath: String { "\(folder)/marks.map" }
    var emptyFolder: String { "\(folder)/empty" }

    /// What can't be changed in a running HAProxy, as a short word that it tells in `show info`.
    /// A running one with another word is replaced by a reload.
    func version(of state: RouterState) -> String {
        // FNV-1a, 64 bits: it tells texts apart, it protects nothing.
        // One slot stands for all, which differ in their numbers only.
        let text = self.text(for: RouterState(slots: 1), version: "")
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let timeouts = state.checkTimeouts.sorted { $0.key < $1.key }.map { "-\($0.key)x\($0.value.count)" }.joined()
        return "ingot-\(String(hash, radix: 16))-\(state.slots)\(timeouts)"
    }

    /// How many slots a process of that version has.
    static func slots(inVersion version: String) -> Int? {
        let words = version.split(separator: "-")
        return words.count > 2 ? Int(words[2]) : nil
    }

    func text(for state: RouterState) -> String { text(for: state, version: version(of: state)) }

    private func text(for state: RouterState, version: String) -> String {
        ([global(version), rings, defaults, streams, frontend, refusal] + backends(state)).joined(separator: "\n")
    }

    private func global(_ version: String) -> String {
        """
        # Written by Ingot, which also changes HAProxy while it runs. Changes made here are lost.
        global
            description \(version.isEmpty ? "ingot" : version)
            maxconn \(maximumConnections)
            \(configuration.threads.map { "nbthread \($0)" } ?? "# nbthread: one a processor")
            stats socket \(socketPath) mode 600 level admin expose-fd listeners
            stats timeout 1d
            stats maxconn 64
            \(user.map { "user \($0)\n    group \($0)\n    chroot \(emptyFolder)" } ?? "# no account named haproxy: it stays root")
            # A port that somebody else holds must be an error, not half of the traffic.
            noreuseport
            # After a reload, the old process ends with its last long-lived stream, or then.
            hard-stop-after 1h
            spread-checks 0
            tune.bufsize 16384
            tune.maxrewrite 2048
            tune.http.maxhdr 101
            quiet

        """
    }

    private var rings: String {
        """
        ring requests
            format raw
            maxlen 512
            size \(RouterLimits.ringBytes)

        ring health
            format raw
            maxlen 512
            size \(RouterLimits.healthRingBytes)

        """
    }

    private var defaults: String {
        """
        defaults
            mode http
            timeout connect 2s
            timeout client 1m
            timeout server 1m
            timeout http-request 10s
            timeout http-keep-alive 30s
            timeout queue 5s
            # A stream may say nothing for long; whether its ends are still there, TCP finds out.
            timeout tunnel 1d
            option clitcpka
            clitcpka-idle 60s
            clitcpka-intvl 10s
            clitcpka-cnt 6
            option srvtcpka
            srvtcpka-idle 60s
            srvtcpka-intvl 10s
            srvtcpka-cnt 6
            # A failed connection is tried again elsewhere, at once; an empty or broken answer only where that is harmless (see the frontend).
            retries 3
            option redispatch 1
            retry-on conn-failure empty-response junk-response
            option http-keep-alive
            http-reuse safe
            # With it a reload loses no request.
            option idle-close-on-response
            option dontlognull
            # Weights of this one change at run time, and hit a share of 5% within hundredths.
            balance roundrobin

        """
    }

    /// How many streams each server has at this moment: HAProxy counts them itself, so it is right whoever restarts, and cheap to ask.
    private var streams: String {
        """
        backend \(Self.streamTable)
            stick-table type string len 64 size \(RouterLimits.streamServers) expire 10s store conn_cur

        """
    }

    static let streamTable = "streams"

    private var frontend: String {
        """
        frontend public
        \(configuration.binds.map { "    bind \($0)" }.joined(separator: "\n"))
            log ring@requests format raw local0
            http-request set-var(txn.at) date(0,us)
            log-format "\(RequestRecord.format)"
            unique-id-format %{+X}o%pid-%Ts-%rt
            unique-id-header X-Request-ID
            # To send a request again is harmless only for methods that are idempotent and carry no content (RFC 9110, 9.2.2).
            http-request disable-l7-retry if !METH_GET !{ method HEAD OPTIONS }
            http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
            http-request set-header X-Forwarded-Host %[req.hdr(host)]
            http-request set-header X-Forwarded-For %[src]
            use_backend %[req.hdr(host),field(1,:),lower,map_str(\(hostsPath),unknown)]
            default_backend unknown

        """
    }

    private var refusal: String {
        """
        backend unknown
            http-request return status 404 content-type "text/plain; charset=utf-8" hdr X-Content-Type-Options nosniff lf-string "Ingot: no environment has the host '%[req.hdr(host),field(1,:),lower]'.\\n" if { req.hdr(host) -m found }
            http-request return status 404 content-type "text/plain; charset=utf-8" string "Ingot: the request names no host.\\n"

        """
    }

    private func backends(_ state: RouterState) -> [String] {
        (0..<state.slots).flatMap { slot -> [String] in
            let environment = state.environment(inSlot: slot)
            return [Backend.Check.http, .tcp].map { check in
                backend(Backend(check, slot: slot), environment: environment, timeout: state.checkTimeout(inSlot: slot))
            }
        }
    }

    private func backend(_ backend: Backend, environment: RoutedEnvironment?, timeout: Milliseconds) -> String {
        let servers = environment.map { serverLines(of: $0, in: backend) } ?? []
        let name = environment.map { "# \($0.route.environment), generation \($0.route.generation)\n" } ?? ""
        return name + """
            backend \(backend)
                log ring@health format raw local0
                option log-health-checks
            \((checkLines(backend.check) + ["timeout check \(max(1, timeout.count))"] + Self.streamLines + choiceLines(backend.slot))
                .map { "    \($0)" }.joined(separator: "\n"))
            \(errorLine)
            \(servers.map { "    \($0)\n" }.joined())
            """
    }

    private func checkLines(_ check: Backend.Check) -> [String] {
        switch check {
        case .tcp: ["option tcp-check"]
        case .http:
            [
                "option httpchk",
                "http-check send meth GET uri-lf \"%[srv_name,map_str(\(checkPathsPath),/)]\" ver HTTP/1.1"
                    + " hdr Host \"%[srv_name,map_str(\(checkHostsPath),localhost)]\" hdr User-Agent ingot-readiness",
                "http-check expect status 200-399",
            ]
        }
    }

    /// Requests whose release is not chosen by the weights: a tester's, and a visitor's who came before. See `Lanes`.
    ///
    /// A server of the lane is taken at random; where that has just died the next one is, and where that has too, the weights decide.
    private func choiceLines(_ slot: Int) -> [String] {
        let lane = "map_str(\(lanesPath))"
        let marks = "str(\(slot)|),concat(,txn.marked),map_regm(\(marksPath))"
        return [
            // Most environments choose by nothing but the weights: their requests go on here.
            "http-request allow if !{ str(\(slot).choice),\(lane) -m found }",
            "http-request set-var(txn.testers) str(\(slot).testers),\(lane)",
            "http-request set-var(txn.marked) req.hdrs if { var(txn.testers) -m found }",
            "http-request set-var(txn.lane) \(marks) if { var(txn.testers) -m found }",
            "http-request set-var(txn.tester) bool(true) if { var(txn.lane) -m found }",
            "http-request set-var(txn.sticky) str(\(slot).sticky),\(lane)",
            "http-request set-var(txn.cookie) str(\(slot).cookie),\(lane)",
            "http-request set-var(txn.marked) req.fhdr(cookie) if { var(txn.cookie) -m found }",
            "http-request set-var(txn.visit) \(marks) if { var(txn.cookie) -m found } { req.fhdr_cnt(cookie) eq 1 }",
            "http-request set-var(txn.visitor) var(txn.visit),field(1,|) if { var(txn.visit) -m found }",
            // The service never sees the router's cookie.
            "http-request set-header Cookie %[var(txn.visit),regsub(^[0-9]*[|]|;[[:space:]]*$,,g)] if { var(txn.visit) -m found }",
            "http-request del-header Cookie if { var(txn.visit) -m found } { req.fhdr(cookie) -m len 0 }",
            "http-request set-var(txn.lane) str(v),concat(,txn.visitor) if !{ var(txn.lane) -m found } { var(txn.visitor) -m found }",
            "http-request set-var(txn.size) str(\(slot).),concat(,txn.lane),\(lane) if { var(txn.lane) -m found }",
            "http-request set-var(txn.index) rand,mod(txn.size) if { var(txn.size) -m found }",
            "http-request set-var(txn.pick) str(\(slot).),concat(,txn.lane,.),concat(,txn.index),\(lane) if { var(txn.index) -m found }",
            "http-request set-var(txn.index) var(txn.index),add(1),mod(txn.size) if { var(txn.index) -m found }",
            "http-request set-var(txn.spare) str(\(slot).),concat(,txn.lane,.),concat(,txn.index),\(lane) if { var(txn.index) -m found }",
            "use-server %[var(txn.pick)] if { var(txn.pick) -m found }",
            "use-server %[var(txn.spare)] if { var(txn.spare) -m found }",
            "acl stays srv_name,bytes(1),field(1,-),strcmp(txn.visitor) eq 0",
            "http-response add-header Set-Cookie \"%[var(txn.sticky)]=%[srv_name,bytes(1),field(1,-)]; Path=/; HttpOnly; SameSite=Lax\""
                + " if { var(txn.sticky) -m found } !{ var(txn.tester) -m found } !stays",
        ]
    }

    /// What is a stream: a connection that was upgraded, and server-sent events. An answer that only takes long is a request.
    private static let streamLines = [
        "http-request set-timeout server 1h if { req.hdr(accept) -m sub -i text/event-stream }",
        "acl is_stream status 101",
        "acl is_stream res.hdr(content-type) -m beg -i text/event-stream",
        "http-response set-var(txn.stream) int(1) if is_stream",
        "http-response track-sc0 srv_name table \(streamTable) if { var(txn.stream) -m found }",
        // No more than a mark, by which a stream is found in `show sess`.
        "http-response set-nice \(SessionDetails.niceness) if { var(txn.stream) -m found }",
    ]

    private var errorLine: String {
        "    http-error status 503 content-type \"text/plain; charset=utf-8\" string \"Ingot: no instance of this environment can take a request now.\\n\""
    }

    private func serverLines(of environment: RoutedEnvironment, in backend: Backend) -> [String] {
        // After a restart nothing is known to be down: the shares are spread over all.
        let weights = environment.weights { environment.everUp.contains($0.instance) }
        return environment.route.servers.filter { $0.check == backend.check }.sorted { $0.name < $1.name }.map { server in
            let weight = weights[server.name] ?? 0
            // One that was healthy takes requests at once, its first failed check takes it out; the others wait for the router.
            let start = environment.everUp.contains(server.instance) ? "" : " disabled"
            return "server \(server.name) \(ServerParameters.address(of: server.endpoint)) "
                + "\(ServerParameters.text(of: server)) weight \(weight)\(start)"
        }
    }

    // MARK: Maps

    func hosts(of state: RouterState) -> String {
        state.environments.map { "\($0.route.host) \($0.trafficBackend)\n" }.sorted().joined()
    }

    /// As they are when HAProxy starts: who was healthy before is in its lane.
    func lanes(of state: RouterState) -> String {
        state.environments.flatMap { environment in
            let healthy = Set(environment.route.servers.filter { environment.everUp.contains($0.instance) }.map(\.name))
            return Lanes.entries(of: environment, canTake: healthy.contains).map { "\($0.key) \($0.value)\n" }
        }.sorted().joined()
    }

    func marks(of state: RouterState) -> String {
        state.environments.flatMap { Lanes.marks(of: $0).map { "\($0.key) \($0.value)\n" } }.sorted().joined()
    }

    func checkPaths(of state: RouterState) -> String {
        state.environments.flatMap(\.route.servers).compactMap { server in
            server.readiness.path.map { "\(server.name) \(CheckPath.encoded($0))\n" }
        }.sorted().joined()
    }

    func checkHosts(of state: RouterState) -> String {
        state.environments.flatMap { environment in
            environment.route.servers.map { "\($0.name) \(environment.route.host)\n" }
        }.sorted().joined()
    }
}
