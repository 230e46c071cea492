import Foundation
import Testing

/// The whole command against a daemon that listens by TLS.
@Suite("A daemon on another machine", .serialized)
struct AccessTests {
    private struct Created: Decodable { var token: String }

    /// A certificate for this machine's loopback address, and its key.
    private func certificate(in workspace: Workspace) async throws -> (certificate: String, key: String) {
        let (certificate, key) = ("\(workspace.folder.path)/server.pem", "\(workspace.folder.path)/server.key")
        let made = try await workspace.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=ingot", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
            ])
        try expectSuccess(made)
        return (certificate, key)
    }

    /// A workspace whose daemon listens by TLS, where commands find it, and its authority.
    private func withRemote(_ body: (Workspace, [String: String]) async throws -> Void) async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let (certificate, key) = try await certificate(in: workspace)
        let listen = try freePort()
        try await workspace.startDaemon(["--listen", "127.0.0.1:\(listen)", "--tls-certificate", certificate, "--tls-key", key])
        try await body(workspace, ["INGOT_HOST": "https://127.0.0.1:\(listen)", "INGOT_TLS_CA": certificate])
    }

    @Test("a token from a file deploys from afar what it may, is refused the rest with 2, and stands in no log and no list of processes")
    func remote() async throws {
        try await withRemote { workspace, variables in
            let image = try await workspace.build()
            try expectSuccess(try await workspace.ingot("deploy", "production", image))
            let file = "\(workspace.folder.path)/ci.token"
            try expectSuccess(try await workspace.ingot("token", "create", "ci", "--role", "operator", "--service", "shop", "--file", file))
            let token = try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
            #expect(try await workspace.ingot("token", "create", "ci2", "--role", "viewer", "--file", file).exitCode == 2)

            var afar = variables
            afar["INGOT_TOKEN_FILE"] = file
            let status = try await workspace.ingot(["status", "--output", "json"], variables: afar)
            try expectSuccess(status)
            #expect(status.standardOutput.contains("shop/production"))
            try expectSuccess(try await workspace.ingot(["scale", "production", "3"], variables: afar))
            let events = try await workspace.ingot(["events"]).standardOutput
            #expect(events.contains("user:root (token ci)"), "\(events)")

            let refused = try await workspace.ingot(["access", "list"], variables: afar)
            #expect(refused.exitCode == 2 && refused.standardError.contains("manage access"), "\(refused.standardError)")
            for local in [["build"], ["image", "list"], ["shutdown", "--yes"]] {
                let output = try await workspace.ingot(local, variables: afar)
                #expect(output.exitCode == 2 && output.standardError.contains("daemon's own machine"), "\(local): \(output.standardError)")
            }
            // A folder as an argument is nearer than a variable.
            try expectSuccess(try await workspace.ingot(["image", "list", "--root", workspace.root.path], variables: afar))

            try expectSuccess(try await workspace.ingot("token", "revoke", "ci"))
            let gone = try await workspace.ingot(["status"], variables: afar)
            #expect(gone.exitCode == 2 && !gone.standardError.contains(token) && !status.standardError.contains(token))
            #expect(try !String(contentsOf: workspace.daemonLog, encoding: .utf8).contains(token))
        }
    }

    @Test("what would send a token elsewhere, or let others read it, is refused before anything is asked")
    func carelessness() async throws {
        try await withRemote { workspace, variables in
            let created: Created = try await workspace.ingot("token", "create", "me", "--role", "viewer", "--output", "json").decoded()
            var afar = variables
            afar["INGOT_TOKEN"] = created.token
            try expectSuccess(try await workspace.ingot(["status"], variables: afar))
            for host in ["http://127.0.0.1:1", "127.0.0.1:1", "https://user:word@127.0.0.1:1", "https://127.0.0.1:1/path"] {
                let output = try await workspace.ingot(["status", "--host", host], variables: afar)
                #expect(output.exitCode == 2 && output.standardError.contains("https://HOST:PORT"), "\(host): \(output.standardError)")
            }
            let file = workspace.folder.appendingPathComponent("open.token")
            try Data("\(created.token)\n".utf8).write(to: file)
            chmod(file.path, 0o644)
            let open = try await workspace.ingot(["status", "--token-file", file.path], variables: afar)
            #expect(open.exitCode == 2 && open.standardError.contains("chmod 600"))
            afar["INGOT_TOKEN"] = "hunter2-and-more"
            let wrong = try await workspace.ingot(["status"], variables: afar)
            #expect(
                wrong.exitCode == 2 && wrong.standardError.contains("what stands in INGOT_TOKEN is no token")
                    && !wrong.standardError.contains("hunter2"))
            afar["INGOT_TOKEN"] = ""
            #expect(try await workspace.ingot(["status"], variables: afar).standardError.contains("ingot token create"))
            // Without its authority the daemon is a stranger, and is not told the token.
            afar["INGOT_TOKEN"] = created.token
            afar["INGOT_TLS_CA"] = ""
            #expect(try await workspace.ingot(["status"], variables: afar).exitCode == 1)
        }
    }

    @Test("the API is not served without TLS, or with a key that others may read")
    func serving() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        #expect(try await workspace.ingot("serve", "--listen", "127.0.0.1:\(try freePort())").exitCode == 2)
        #expect(try await workspace.ingot("serve", "--tls-key", "x").exitCode == 2)
        #expect(try await workspace.ingot("serve", "--host", "https://127.0.0.1:1").exitCode == 2)
        let made = try await certificate(in: workspace)
        let listen = ["--listen", "127.0.0.1:\(try freePort())", "--tls-certificate", made.certificate, "--tls-key", made.key]
        chmod(made.key, 0o644)
        let open = try await workspace.ingot(["serve", "--bind", "127.0.0.1:\(workspace.port)", "--output", "json"] + listen)
        #expect(open.exitCode == 2 && open.standardError.contains("certificates.key-readable-by-others"), "\(open.standardError)")
        #expect(open.standardError.contains("chmod o-rw \(made.key)"))
        chmod(made.key, 0o600)
        try await workspace.startDaemon(listen)
    }

    @Test(
        "whoever may not use the image store is told so, and nothing is made in its place",
        .enabled(if: geteuid() == 0, "it takes root to be somebody else"))
    func foreignStore() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        _ = try await workspace.build()
        let store = workspace.root.appendingPathComponent("store")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: store.path)
        let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", Workspace.executable("ingot")]
        for root in [workspace.root.path, "/nonexistent-\(UUID().uuidString)"] {
            let output = try await workspace.run(
                "/usr/bin/setpriv", nobody + ["image", "list", "--output", "json"] + (root == workspace.root.path ? ["--root", root] : []),
                variables: ["INGOT_ROOT": root])
            #expect(output.exitCode == 2 && output.standardError.contains("ingot.store-not-permitted"), "\(output.standardError)")
            #expect(!FileManager.default.fileExists(atPath: root) || root == workspace.root.path)
        }
    }
}
