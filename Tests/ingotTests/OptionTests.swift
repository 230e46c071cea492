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
}
