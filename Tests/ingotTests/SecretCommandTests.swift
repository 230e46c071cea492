import API
import ArgumentParser
import Client
import Foundation
import IngotModel
import Manifest
import Testing

@testable import ingot

@Suite("Secrets on the command line")
struct SecretCommandTests {
    private static let place = EnvironmentID(service: ServiceName(uncheckedName: "shop"), environment: EnvironmentName(uncheckedName: "production"))

    private func answer(waits: String? = nil, error: String? = nil, release: Int? = nil) throws -> SecretRefreshAnswer {
        let image = try #require(Digest(hex: String(repeating: "a", count: 64)))
        return SecretRefreshAnswer(
            status: SecretsStatus(
                environment: Self.place, secrets: [SecretStatus(name: "PASSWORD", reference: "/p", error: error)], waits: waits),
            release: release.map {
                DeploymentAccepted(
                    environment: Self.place, release: ReleaseNumber($0), image: image, acceptedAt: Timestamp(secondsSince1970: 0))
            })
    }

    @Test("a refresh whose values are not rolled out fails, and says what it waits for and what to do")
    func waits() throws {
        let error = #expect(throws: CommandError.self) {
            try SecretRefreshCommand.check(try answer(waits: "PASSWORD changed: a rollout is under way"))
        }
        #expect(error?.code == "ingot.secret-not-rolled-out" && error?.fault == .world)
        #expect(error?.message.contains("a rollout is under way") == true && error?.remedy?.contains("ingot secret refresh") == true)
        let failed = #expect(throws: CommandError.self) { try SecretRefreshCommand.check(try answer(error: "it is sealed")) }
        #expect(failed?.code == "ingot.secret-not-refreshed")
    }

    @Test("a refresh that found nothing new, or that rolls out, is none that failed")
    func done() throws {
        try SecretRefreshCommand.check(try answer())
        // What a look meanwhile says of the rollout that was asked for.
        try SecretRefreshCommand.check(try answer(waits: "PASSWORD changed: a rollout is under way", release: 2))
    }

    /// A folder with an `ingot.yaml` that has three encrypted values in one file, gone after the body.
    private func withService(_ body: (String) async throws -> Void) async throws {
        let folder = "/tmp/ingot-secret-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let secrets = ["A", "B", "C"].map { "\($0): { encrypted: secrets.yaml }" }.joined(separator: ", ")
        try Data(
            """
            service: shop
            image: { dockerfile: Dockerfile }
            run: { port: 80, secrets: [A, B, C] }
            environments: { production: { secrets: { \(secrets) } } }

            """.utf8
        ).write(to: URL(fileURLWithPath: "\(folder)/ingot.yaml"))
        try Data("production:\n  A: YQ==\n  B: Yg==\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/secrets.yaml"))
        try await body(folder)
    }

    @Test("a file of encrypted values is read once, however many values it has")
    func sealedFiles() async throws {
        try await withService { folder in
            let text = try String(contentsOfFile: "\(folder)/ingot.yaml", encoding: .utf8)
            let specification = try #require(Manifest.parse(text).value)
            var opened: [String] = []
            let filled = try SealedFiles.fill(specification) { file in
                opened.append(file)
                return "\(folder)/\(file)"
            }
            #expect(opened == ["secrets.yaml"])
            let boxes = filled.environments[0].secretSources.mapValues { reference -> String? in
                guard case .sealed(let sealed) = reference else { return nil }
                return sealed.box
            }
            #expect(boxes == ["A": "YQ==", "B": "Yg==", "C": nil])
            // One that is not there is looked for once, too.
            opened = []
            _ = try SealedFiles.fill(specification) { file in
                opened.append(file)
                return "\(folder)/none"
            }
            #expect(opened.count == 1)
        }
    }

    @Test("whoever finds the service in ingot.yaml hands on what was read")
    func choice() async throws {
        try await withService { folder in
            let deploy = try #require(try Ingot.parseAsRoot(["promote", "a", "production", "-C", folder, "--root", folder]) as? Promote)
            let choice = ServiceChoice(options: deploy.service, client: deploy.options.client, console: deploy.console)
            let found = try await choice.choice(deploy.environment)
            #expect(found.environment == Self.place && found.manifest?.environments.count == 1)
            let named = try await choice.choice(try #require(EnvironmentArgument(argument: "shop/production")))
            #expect(named.environment == Self.place && named.manifest == nil)
        }
    }
}
