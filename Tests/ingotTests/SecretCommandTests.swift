import API
import IngotModel
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
}
