import ArgumentParser
import Foundation
import Gates
import SystemPackage
import Testing

@testable import ingot

@Suite("Options that several commands have")
struct OptionTests {
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = "/tmp/ingot-options-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test("a file of a public key is shown whatever stands in the folder of the keys")
    func keyShow() async throws {
        try await withFolder { folder in
            let keys = KeyFolder(FilePath("\(folder)/keys"))
            let key = try keys.create("release", password: "x")
            try Data("no key".utf8).write(to: URL(fileURLWithPath: "\(folder)/keys/damaged.pub"))
            try Data(key.pem.utf8).write(to: URL(fileURLWithPath: "\(folder)/other.pub"))
            #expect(await CommandRun.run(["key", "show", "\(folder)/other.pub", "--keys", "\(folder)/keys"]) == 0)
            #expect(await CommandRun.run(["key", "show", "release", "--keys", "\(folder)/keys"]) == 0)
            #expect(await CommandRun.run(["key", "show", "\(folder)/keys/damaged.pub", "--keys", "\(folder)/keys"]) == 2)
            // A list is of all of them.
            #expect(await CommandRun.run(["key", "list", "--keys", "\(folder)/keys"]) == 2)
        }
    }

    @Test("a file with a token that others may use is refused before it is read")
    func openToken() async throws {
        try await withFolder { folder in
            let file = "\(folder)/token"
            #expect(FileManager.default.createFile(atPath: file, contents: Data("x".utf8), attributes: [.posixPermissions: 0o640]))
            let status = try #require(try Ingot.parseAsRoot(["status", "--host", "https://a:1", "--token-file", file]) as? Status)
            func code() throws -> String? {
                #expect(throws: CommandError.self) { try status.options.remote.daemon(at: "https://a:1") }?.code
            }
            #expect(try code() == "ingot.token-file-open")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            #expect(try code() == "ingot.bad-token")
        }
    }

    @Test("a variable that is empty is none")
    func variables() {
        let name = "INGOT_TEST_\(UInt32.random(in: 0 ... .max))"
        #expect(EnvironmentVariables.text(name) == nil && EnvironmentVariables.value(name) == nil)
        setenv(name, "", 1)
        #expect(EnvironmentVariables.text(name) == "" && EnvironmentVariables.value(name) == nil)
        setenv(name, "a", 1)
        #expect(EnvironmentVariables.text(name) == "a" && EnvironmentVariables.value(name) == "a")
        unsetenv(name)
    }

    @Test(
        "an address to listen on is one rule for the router and the API",
        arguments: [
            ("*:80", "0.0.0.0", 80), ("127.0.0.1:8080", "127.0.0.1", 8_080), ("[::]:443", "::", 443), ("[::1]:1", "::1", 1),
            ("localhost:65535", "localhost", 65_535), ("[fe80::1%eth0]:80", "fe80::1%eth0", 80),
        ])
    func addresses(text: String, host: String, port: Int) {
        let address = ListenAddress(text)
        #expect(address?.host == host && address?.port == port)
        #expect(throws: Never.self) { try Ingot.parseAsRoot(["serve", "--bind", text]) }
        #expect(throws: Never.self) {
            try Ingot.parseAsRoot(["serve", "--listen", text, "--tls-certificate", "c", "--tls-key", "k"])
        }
    }

    @Test(
        "what is no address and port is none",
        arguments: ["", "80", ":80", "a:", "a:0", "a:65536", "::1:80", "a b:80", "[]:80", "a/b:80", "**:80"])
    func noAddresses(text: String) {
        #expect(ListenAddress(text) == nil)
        #expect(throws: (any Error).self) { try Ingot.parseAsRoot(["serve", "--bind", text]) }
    }
}
