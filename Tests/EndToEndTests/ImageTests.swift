import Foundation
import Testing

@Suite("Images")
struct ImageTests {
    @Test("the same commit in two folders, on two clean stores, gives the same digest")
    func sameDigest() async throws {
        let first = try Workspace()
        defer { first.remove() }
        let second = try Workspace()
        defer { second.remove() }
        // The same commit, not one like it: another folder, another checkout, other inode numbers and times.
        try FileManager.default.removeItem(at: second.repository)
        let cloned = try await first.run("/usr/bin/git", ["clone", "-q", first.repository.path, second.repository.path])
        try #require(cloned.exitCode == 0, "\(cloned.standardError)")
        let digests = try await (first.build(), second.build())
        #expect(digests.0 == digests.1)
    }

    @Test("an unchanged tree is not built again")
    func nothingToDo() async throws {
        struct Built: Decodable {
            struct Step: Decodable { var outcome: String }
            var image: String
            var steps: [Step]
        }
        let workspace = try Workspace()
        defer { workspace.remove() }
        let first: Built = try await workspace.ingot("build", "--output", "json").decoded()
        let second: Built = try await workspace.ingot("build", "--output", "json").decoded()
        #expect(first.image == second.image)
        #expect(!first.steps.isEmpty && second.steps.allSatisfy { $0.outcome == "cached" })
    }

    @Test("skopeo and umoci accept an exported image")
    func interoperates() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let image = try await workspace.build()
        let layout = workspace.folder.appendingPathComponent("layout").path
        try await expectSuccess(workspace.ingot("image", "export", image, "--oci", layout, "--tag", "shop"))

        let inspected = try await workspace.run("/usr/bin/skopeo", ["inspect", "oci:\(layout):shop"])
        try #require(inspected.exitCode == 0, "\(inspected.standardError)")
        #expect(inspected.standardOutput.contains(image))

        let bundle = workspace.folder.appendingPathComponent("bundle").path
        let unpacked = try await workspace.run("/usr/bin/umoci", ["unpack", "--image", "\(layout):shop", bundle])
        try #require(unpacked.exitCode == 0, "\(unpacked.standardError)")
        let page = try String(contentsOfFile: "\(bundle)/rootfs/www/index.html", encoding: .utf8)
        #expect(page == "version 1\n")
    }

    @Test("an uncommitted tree builds, is marked so, and production refuses it")
    func uncommitted() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        try workspace.write("www/index.html", "not committed\n")
        let output = try await workspace.ingot("deploy", "production", workspace.build())
        #expect(output.exitCode == 3)
        #expect(output.standardError.contains("commit"), "\(output.standardError)")
    }
}
