import Foundation
import Testing

/// Two services that move together, with the commands that a user types, on the real parts.
@Suite("Release sets", .serialized)
struct ReleaseSetTests {
    private struct Listed: Decodable {
        struct Member: Decodable { var phase: String }
        var state: String
        var members: [Member]
    }

    @Test("a set is planned, deployed in its order, and taken back, and what is wrong in its file is told at once")
    func wholeWay() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        // The same image, under another name and on another host.
        let catalog = workspace.folder.appendingPathComponent("catalog")
        try FileManager.default.createDirectory(at: catalog, withIntermediateDirectories: true)
        let manifest = Workspace.manifest(instances: 1).replacingOccurrences(of: "service: shop", with: "service: catalog")
        try Data(manifest.utf8).write(to: catalog.appendingPathComponent("ingot.yaml"))
        let first = try await workspace.build()
        try await expectSuccess(workspace.ingot("deploy", "production", first))
        try await expectSuccess(workspace.ingot(["deploy", "production", first], in: catalog))
        try workspace.commit(version: 2)
        let second = try await workspace.build()

        try workspace.write(
            "release-set.yaml",
            """
            set: storefront
            releases:
              - { service: shop, image: "\(second)", after: [catalog] }
              - { service: catalog, image: "\(second)" }
            """)
        let plan = try await workspace.ingot("set", "plan", "production")
        #expect(plan.standardOutput.contains("1. catalog\n  2. shop"), "\(plan)")
        try await expectSuccess(workspace.ingot("set", "deploy", "production", "release-set.yaml"))
        try await expectSuccess(workspace.ingot("set", "rollback", "1", "--reason", "wrong prices"))
        let sets: [Listed] = try await workspace.ingot("set", "list", "--output", "json").decoded()
        #expect(sets.map(\.state) == ["returned"] && sets.first?.members.map(\.phase) == ["returned", "returned"])

        try workspace.write(
            "release-set.yaml",
            """
            set: storefront
            releases:
              - { service: shopp, image: v1 }
              - { service: catalog, image: v1, after: [catalog] }
            """)
        let mistakes = try await workspace.ingot("set", "deploy", "production")
        #expect(mistakes.exitCode == 2)
        #expect(mistakes.standardError.contains("did you mean 'shop'?") && mistakes.standardError.contains("waits for itself"), "\(mistakes)")
        try workspace.write("release-set.yaml", "set: storefront\nreleases:\n  - { service: shop, image: v1 }\n")
        #expect(try await workspace.ingot("set", "deploy", "production").exitCode == 3)
        #expect(try await workspace.ingot("events", "--verify").exitCode == 0)
    }
}
