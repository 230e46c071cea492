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
}
