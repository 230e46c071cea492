// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import API
import Foundation
import Simulation
import Synchronization
import Testing

@testable import Client
@testable import ControlPlane
@testable import IngotModel

private let dev = EnvironmentID(text: "shop/dev")!
private let environments = [environmentSpecification("dev"), environmentSpecification("production", isProduction: true)]

private func code(_ body: () async throws -> Void) async -> String? { await clientError(body)?.code }

@Suite("The API over the network")
struct RemoteAccessTests {
    @Test("a token may do what it was made for, where it was made for it, and its actor says whose it is")
    func scope() async throws {
        let access = try await AccessRig()
        try await access.rig.withDaemon { local in
            try await local.register(serviceSpecification(environments: environments))
            let token = try await access.token("ci", Grant(.developer, on: .environment(dev)))
            let remote = try access.client(token)
            #expect(try await remote.accessSelf().actor.text == "user:remote-ci (token ci)")
            let accepted = try await remote.deploy("1", to: dev)
            let record = try await access.rig.end(of: accepted)
            #expect(record.requestedBy == "user:remote-ci (token ci)")
            // Another environment, and what is of no environment.
            #expect(await code { _ = try await remote.deploy("1", to: production) } == "control.access-refused")
            #expect(await code { _ = try await remote.status(of: production) } == "control.access-refused")
            #expect(await code { _ = try await remote.collectGarbage() } == "control.access-refused")
            #expect(await code { _ = try await remote.grants() } == "control.access-refused")
            #expect(try await remote.services().flatMap(\.environments).map(\.environment) == [dev])
            #expect(try await remote.events(environment: dev).contains { $0.action == .rolloutSucceeded })
            #expect(await code { _ = try await remote.events() } == "control.access-refused")
            #expect(try await remote.rollBack(dev, to: ReleaseNumber(1)).release == ReleaseNumber(1))
            let refused = try await local.events(limit: 1_000).filter { $0.action == .accessRefused }
            #expect(refused.contains { $0.actor == "user:remote-ci (token ci)" && $0.environment == production && $0.message.contains("deploy") })
        }
    }

    @Test("an operator goes back in production at any time; a developer does not, and reads all the same")
    func inProduction() async throws {
        let access = try await AccessRig()
        try await access.rig.withDaemon { local in
            try await local.register(serviceSpecification(environments: [environmentSpecification("production", isProduction: true)]))
            let `operator` = try access.client(try await access.token("operator", Grant(.operator, on: .service(shop))))
            let developer = try access.client(try await access.token("developer", Grant(.developer)))
            for reference in ["1", "2"] { _ = try await access.rig.end(of: try await `operator`.deploy(reference, to: production)) }
            _ = try await local.lock(production, LockRequest(reason: "away", attempt: "a", keep: .minutes(60)))
            #expect(await code { _ = try await developer.rollBack(production) } == "control.access-refused")
            #expect(await code { _ = try await developer.scale(production, to: 3) } == "control.access-refused")
            #expect(try await developer.status(of: production).serving?.number == ReleaseNumber(2))
            #expect(try await access.rig.end(of: try await `operator`.rollBack(production)).result == .succeeded)
        }
    }

    @Test("without a valid token nobody learns anything, and a flood of them keeps nobody out who has one")
    func wrongTokens() async throws {
        let access = try await AccessRig()
        try await access.rig.withDaemon { local in
            let good = try await access.token("good", Grant(.viewer))
            let gone = try await access.token("gone", Grant(.viewer))
            _ = try await local.revokeToken(TokenName("gone")!)
            var random = SeededGenerator(seed: 7)
            let unknown = AccessToken(using: &random).text
            let sayings = try await [unknown, gone].asyncMap { token in
                try #require(await clientError { _ = try await access.client(token).health() })
            }
            #expect(sayings.allSatisfy { $0.code == "control.not-authenticated" })
            #expect(Set(sayings.map(\.message)).count == 1 && Set(sayings.map(\.remedy)).count == 1)
            // The right name with another secret, in all forms of a header, and on a path that does not exist.
            let forged = String(good.prefix(17)) + unknown.dropFirst(17)
            let headers = [
                "Authorization: Bearer \(forged)", "Authorization: \(good)", "Authorization: Basic \(good)", "Cookie: token=\(good)", "X: y",
            ]
            for header in headers {
                #expect(try await access.curl("--header", header, "\(access.origin)/v1/health").status == 401, "\(header)")
            }
            #expect(try await access.curl("\(access.origin)/v1/no/such/path").status == 401)
            #expect(try await access.curl("--header", "Authorization: Bearer \(good)", "\(access.origin)/v1/no/such/path").status == 404)

            for _ in 0..<40 { _ = await clientError { _ = try await access.client(unknown).health() } }
            let answer = try await access.curl("--include", "\(access.origin)/v1/health")
            #expect(answer.status == 429 && answer.text.lowercased().contains("retry-after: 60"), "\(answer.text)")
            #expect(try await access.client(good).health().status == .ok)
            let metrics = try await access.client(good).metrics()
            #expect(metrics.contains("ingot_api_requests_total{status=\"401\"} ") && metrics.contains("ingot_api_requests_total{status=\"429\"} "))
            // Forty failures are two lines.
            #expect(access.log.text.split(separator: "\n").count { $0.contains("a request had no valid token") } == 2)
        }
    }

    @Test("a token ends by itself, and says so only to who has all of it")
    func ended() async throws {
        let access = try await AccessRig()
        try await access.rig.withDaemon { local in
            let token = try await access.token("short", Grant(.viewer), lifetime: .minutes(10))
            let remote = try access.client(token)
            _ = try await remote.health()
            access.rig.host.advance(by: .minutes(9))
            _ = try await remote.health()
            #expect(try await local.tokens().first?.lastUsed == access.rig.host.clock.now)
            access.rig.host.advance(by: .minutes(1))
            #expect(await code { _ = try await remote.health() } == "control.token-ended")
            let forged = AccessToken(id: Array(remote.tokenID.utf8), secret: Array(repeating: UInt8(ascii: "7"), count: 43)).text
            #expect(await code { _ = try await access.client(forged).health() } == "control.not-authenticated")
            for lifetime in [Milliseconds(0), .seconds(91 * 86_400)] {
                #expect(
                    await code { _ = try await local.createToken(TokenRequest(name: TokenName("x")!, grant: Grant(.viewer), lifetime: lifetime)) }
                        == "control.invalid-request")
            }
        }
    }

    @Test("a person who loses a role loses it in their tokens, and a token makes no token")
    func limits() async throws {
        let access = try await AccessRig()
        try await access.rig.withDaemon { local in
            let token = try await access.token("alice", Grant(.administrator))
            let alice = try access.client(token)
            #expect(try await alice.grants().contains { $0.subject == .group("ingot") && $0.grant == Grant(.administrator) && $0.by == "ingot" })
            let own = TokenRequest(name: TokenName("second")!, grant: Grant(.viewer))
            #expect(await code { _ = try await alice.createToken(own) } == "control.token-makes-token")
            let bob = TokenRequest(name: TokenName("bob")!, grant: Grant(.developer), owner: .user("bob"))
            #expect(await code { _ = try await local.createToken(bob) } == "control.token-exceeds-owner")
            _ = try await local.revoke(Grant(.administrator), of: .user("remote-alice"))
            #expect(await code { _ = try await alice.grants() } == "control.access-refused")
            _ = try await local.grant(Grant(.viewer), to: .user("remote-alice"))
            #expect(try await alice.services().isEmpty)
            #expect(await code { _ = try await alice.grants() } == "control.access-refused")
            #expect(await code { _ = try await local.revoke(Grant(.administrator), of: .user("remote-alice")) } == "control.unknown-grant")
            #expect(await code { _ = try await local.revokeToken(TokenName("none")!) } == "control.unknown-token")
            let actions = try await local.events(limit: 1_000).map(\.action)
            #expect(actions.contains(.accessGranted) && actions.contains(.accessRevoked) && actions.contains(.tokenCreated))
        }
    }

    @Test("whoever may only register a service gets neither the daemon's rights nor production by it")
    func settings() async throws {
        let access = try await AccessRig()
        try await access.rig.withDaemon { local in
            let specification = serviceSpecification(environments: environments)
            let developer = try access.client(try await access.token("dev", Grant(.developer, on: .service(shop))))
            let viewer = try access.client(try await access.token("viewer", Grant(.viewer, on: .environment(dev))))
            #expect(await code { try await developer.register(specification) } == "control.access-refused")
            try await local.register(specification)
            try await viewer.register(specification)
            var changed = specification
            changed.environments[0].instances = 1
            #expect(await code { try await viewer.register(changed) } == "control.access-refused")
            try await developer.register(changed)
            var running = changed
            running.run.command = ["sh", "-c", "id"]
            #expect(await code { try await developer.register(running) } == "control.access-refused")
            var twin = changed
            twin.environments.insert(environmentSpecification("production"), at: 0)
            #expect(await code { try await developer.register(twin) } == "control.invalid-request")
            #expect(await code { try await local.register(twin) } == "control.invalid-request", "not even who may do everything")
            // What was left out by somebody who may is not to be had again by somebody who may not.
            try await local.register(serviceSpecification(environments: [environments[0]]))
            var claimed = serviceSpecification(environments: [environments[0]])
            claimed.environments.append(environmentSpecification("production"))
            #expect(await code { try await developer.register(claimed) } == "control.access-refused")
            try await local.register(changed)
            changed.environments[0].secretFiles = ["A": "/etc/shadow"]
            #expect(await code { try await developer.register(changed) } == "control.access-refused")
            #expect(try await local.specification(of: shop).environments[0].secretFiles.isEmpty)
        }
    }

    @Test("plain HTTP, an old TLS and a stranger's authority get no answer")
    func transport() async throws {
        let access = try await AccessRig()
        try await access.rig.withDaemon { _ in
            #expect(try await access.curl("http://127.0.0.1:\(access.port)/v1/health").status == 0)
            #expect(try await access.curl("--tls-max", "1.1", "\(access.origin)/v1/health").status == 0)
            let other = try await TestCertificate(in: access.rig.folder.path, name: "other")
            let answer = try await Program.run(
                "/usr/bin/curl", ["--silent", "--show-error", "--cacert", other.certificate, "\(access.origin)/v1/health"])
            #expect(answer.exitCode == 60, "\(answer.text)")
            let token = try await access.token("viewer", Grant(.viewer))
            let stranger = RemoteDaemon(
                origin: RemoteOrigin(text: access.origin)!, token: AccessToken(text: token)!, authorities: other.certificate)
            #expect(await code { _ = try await Client { .remote(stranger) }.health() } == "client.unreachable")
            let large = "X-Large: \(String(repeating: "a", count: 40_000))"
            #expect(try await access.curl("--header", large, "\(access.origin)/v1/health").status == 400)
        }
    }

    @Test("one address has its share of connections and no more, and gets them back")
    func connections() async throws {
        let access = try await AccessRig()
        try await access.rig.withDaemon { local in
            let token = try await access.token("viewer", Grant(.viewer))
            let health = ["--header", "Authorization: Bearer \(token)", "\(access.origin)/v1/health"]
            #expect(try await access.curl(health[0], health[1], health[2]).status == 200)
            let sockets = Mutex((0..<ConnectionLimits.perAsker).map { _ in connectedSocket(port: access.port) })
            defer { for socket in sockets.withLock({ $0 }) { close(socket) } }
            try await eventually(nil, "there are too many") {
                // One that was refused while the first request's connection still counted is missing then.
                sockets.withLock { $0.append(connectedSocket(port: access.port)) }
                return try await access.curl(health[0], health[1], health[2]).status == 0
            }
            #expect(sockets.withLock { $0 }.allSatisfy { $0 >= 0 })
            #expect(try await local.health().status == .ok)
            for socket in sockets.withLock({ $0 }) { shutdown(socket, CInt(SHUT_RDWR)) }
            try await eventually(nil, "there is room again") { try await access.curl(health[0], health[1], health[2]).status == 200 }
        }
    }

    @Test("a certificate that is replaced serves the next connection, one that does not fit its key serves none, and open connections go on")
    func renewal() async throws {
        let access = try await AccessRig()
        try await access.rig.withDaemon { _ in
            let token = try await access.token("viewer", Grant(.viewer))
            let open = try access.client(token)
            _ = try await open.health()
            let next = try await TestCertificate(in: access.rig.folder.path, name: "next")
            // The certificate comes first: until the key has come, the old pair holds.
            let old = try Data(contentsOf: URL(fileURLWithPath: access.certificate.certificate))
            let first = "\(access.rig.folder.path)/first.pem"
            try old.write(to: URL(fileURLWithPath: first))
            func isShown(_ authority: String) async throws -> Bool {
                try await Program.run("/usr/bin/curl", ["--silent", "--cacert", authority, "\(access.origin)/v1/health"]).exitCode == 0
            }
            #expect(rename(next.certificate, access.certificate.certificate) == 0)
            try await eventually(nil, "the half renewed pair was seen") {
                _ = try await isShown(first)
                return access.log.text.contains("can't be used; the one before still is")
            }
            #expect(try await isShown(first))
            #expect(rename(next.key, access.certificate.key) == 0)
            try await eventually(nil, "the new certificate is shown") { try await isShown(access.certificate.certificate) }
            #expect(try await open.health().status == .ok)
        }
    }

    @Test("the token stands in no line of the log, no event and no file of the daemon's")
    func hidden() async throws {
        let access = try await AccessRig()
        let token = try await access.rig.withDaemon { local in
            let token = try await access.token("hidden", Grant(.viewer))
            let remote = try access.client(token)
            _ = try await remote.health()
            _ = await clientError { _ = try await remote.collectGarbage() }
            _ = try await access.curl("--header", "Authorization: Bearer \(token)", "\(access.origin)/v1/events?limit=x")
            _ = try await access.curl("--header", "Authorization: Bearer \(token)x", "\(access.origin)/v1/health")
            let events = try await local.events(limit: 1_000)
            #expect(!events.contains { $0.message.contains(token.suffix(49)) })
            _ = try await local.revokeToken(TokenName("hidden")!)
            return token
        }
        let secret = Data(token.suffix(49).utf8)
        #expect(access.log.text.contains("a request had no valid token") && !access.log.text.contains(token.suffix(49)))
        let root = access.rig.root
        let files = try FileManager.default.subpathsOfDirectory(atPath: root)
        #expect(files.contains("ingot.db"))
        for file in files {
            guard let bytes = FileManager.default.contents(atPath: "\(root)/\(file)") else { continue }
            #expect(bytes.range(of: secret) == nil, "\(file)")
        }
    }
}

/// A connection on which nothing is said; -1 when there is none.
private func connectedSocket(port: Int) -> CInt {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    return result == 0 ? descriptor : -1
}

extension Client {
    /// The part of its token that is no secret.
    fileprivate var tokenID: String {
        guard case .remote(let daemon) = try? connection.place() else { return "" }
        return daemon.token.id
    }
}

extension Array {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
