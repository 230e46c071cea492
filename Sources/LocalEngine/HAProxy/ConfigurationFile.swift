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
    var emptyFolder: String { "\(folder)/empty" }

    /// What can't be changed in a running HAProxy, as a short word that it tells in `show info`.
    /// A running one with another word is replaced by a reload.
    func version(slots: Int) -> String {
        // FNV-1a, 64 bits: it tells texts apart, it protects nothing.
        // One slot stands for all, which differ in their numbers only.
        let text = self.text(for: RouterState(slots: 1), version: "")
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "ingot-\(String(hash, radix: 16))-\(slots)"
    }

    func text(for state: RouterState) -> String { text(for: state, version: version(slots: state.slots)) }

    private func text(for state: RouterState, version: String) -> String {
        ([global(version), rings, defaults, frontend, refusal] + backends(state)).joined(separator: "\n")
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
            timeout tunnel 1h
            timeout check 2s
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
                backend(Backend(check, slot: slot), environment: environment)
            }
        }
    }

    private func backend(_ backend: Backend, environment: RoutedEnvironment?) -> String {
        let servers = environment.map { serverLines(of: $0, in: backend) } ?? []
        let name = environment.map { "# \($0.route.environment), generation \($0.route.generation)\n" } ?? ""
        return name + """
            backend \(backend)
                log ring@health format raw local0
                option log-health-checks
            \(checkLines(backend.check).map { "    \($0)" }.joined(separator: "\n"))
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
