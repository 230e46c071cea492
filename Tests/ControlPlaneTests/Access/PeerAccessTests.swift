// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import API
import Foundation
import IngotModel
import Testing

@testable import Client
@testable import ControlPlane

@Suite("The API's socket by user and group", .enabled(if: geteuid() == 0, "another user's process is made as root"))
struct PeerAccessTests {
    /// Where another user finds the socket: the folder that the test made is nobody else's until here.
    private static func opened(_ access: AccessRig) throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: access.rig.folder.path)
    }

    @Test("root may do everything; another user nothing, until something is granted, and nothing again once it is taken")
    func user() async throws {
        let access = try await AccessRig()
        try Self.opened(access)
        try await access.rig.withDaemon { root in
            try await root.register(serviceSpecification())
            #expect(try await root.accessSelf() == AccessSelf(actor: Principal(person: "user:root"), grants: [Grant(.administrator)]))
            let path = "http://ingot/v1/services/shop/environments/production"
            let refused = try await access.asNobody(path)
            #expect(refused.status == 403 && refused.text.contains("access-refused"), "\(refused.text)")
            #expect(try await access.asNobody("http://ingot/v1/health").status == 403)

            _ = try await root.grant(Grant(.viewer, on: .service(shop)), to: .user("nobody"))
            #expect(try await access.asNobody(path).status == 200)
            #expect(try await access.asNobody("--request", "PUT", "--data", #"{"instances":3}"#, "\(path)/scale").status == 403)
            // A header says nothing on the socket.
            let token = try await access.token("admin", Grant(.administrator))
            #expect(try await access.asNobody("--header", "Authorization: Bearer \(token)", "http://ingot/v1/access/grants").status == 403)

            _ = try await root.revoke(Grant(.viewer, on: .service(shop)), of: .user("nobody"))
            #expect(try await access.asNobody(path).status == 403)
            let events = try await root.events(limit: 1_000).filter { $0.action == .accessRefused }
            #expect(events.allSatisfy { $0.actor == "user:nobody" } && !events.isEmpty)
        }
    }

    @Test("a group counts by the machine's database, not by what a process runs with")
    func group() async throws {
        let access = try await AccessRig()
        try Self.opened(access)
        try await access.rig.withDaemon { root in
            // The process's group is root's.
            _ = try await root.grant(Grant(.viewer), to: .group("root"))
            #expect(try await access.asNobody("http://ingot/v1/health").status == 403)
            _ = try await root.grant(Grant(.viewer), to: .group("nogroup"))
            let answer = try await access.asNobody("http://ingot/v1/access/self")
            #expect(answer.status == 200 && answer.text.contains("user:nobody"), "\(answer.text)")
        }
    }

    @Test("a user makes tokens for what they may do, for nobody else, and sees only their own")
    func tokens() async throws {
        let access = try await AccessRig()
        try Self.opened(access)
        try await access.rig.withDaemon { root in
            _ = try await access.token("others", Grant(.viewer))
            _ = try await root.grant(Grant(.developer, on: .service(shop)), to: .user("nobody"))
            func create(_ request: TokenRequest) async throws -> ProgramOutput {
                let body = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
                return try await access.asNobody("--data", body, "http://ingot/v1/tokens")
            }
            let name = TokenName("mine")!
            #expect(try await create(TokenRequest(name: name, grant: Grant(.developer))).text.contains("token-exceeds-owner"))
            #expect(try await create(TokenRequest(name: name, grant: Grant(.operator, on: .service(shop)))).text.contains("token-exceeds-owner"))
            let forRoot = TokenRequest(name: name, grant: Grant(.viewer, on: .service(shop)), owner: .user("root"))
            #expect(try await create(forRoot).text.contains("access-refused"))
            #expect(try await create(TokenRequest(name: name, grant: Grant(.viewer, on: .service(shop)))).status == 201)
            let list = try await access.asNobody("http://ingot/v1/tokens")
            #expect(list.text.contains("mine") && !list.text.contains("others"), "\(list.text)")
            #expect(try await access.asNobody("--request", "DELETE", "http://ingot/v1/tokens/others").status == 404)
            #expect(try await access.asNobody("--request", "DELETE", "http://ingot/v1/tokens/mine").status == 200)
            #expect(try await root.tokens().map(\.name.name) == ["others"])
        }
    }

    @Test("one user's connections are bounded, and root's are not")
    func connections() async throws {
        let counts = ConnectionCounts()
        for _ in 0..<ConnectionLimits.perAsker { #expect(counts.take("user 1")) }
        #expect(!counts.take("user 1") && counts.take("user 2"))
        counts.giveBack("user 1")
        #expect(counts.take("user 1") && !counts.take("user 1"))
    }
}
