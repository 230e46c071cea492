import API
import ArgumentParser
import Client
import IngotModel

struct ReleaseShow: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show all that a release is made of; the one that serves if no number is given.",
        discussion: """
            Example:
              ingot release show production
              ingot release show production 7
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Argument(help: "The release's number.") var number: Int?
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        var release = number.map { ReleaseNumber($0) }
        if release == nil { release = try await client.status(of: target).serving?.number }
        guard let release else {
            throw CommandError("nothing-serves", "no release serves in \(target)", remedy: "name one: `ingot release list \(target)` lists them")
        }
        let shown = try await client.release(release, of: target)
        let promotion = try await promotion(of: release, in: target, client)
        console.show(PromotedReleaseView(value: .init(release: shown, promotion: promotion), now: Clock.now))
    }

    /// `nil` for a release that no promotion is on record for.
    private func promotion(of release: ReleaseNumber, in environment: EnvironmentID, _ client: Client) async throws -> PromotionRecord? {
        do {
            return try await client.promotion(of: release, in: environment)
        } catch let error as ClientError where error.code == "control.not-found" {
            return nil
        }
    }
}
