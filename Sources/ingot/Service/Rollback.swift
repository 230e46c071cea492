import API
import ArgumentParser
import Client
import IngotModel

struct Rollback: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Move an environment's traffic back to a release that ran before.",
        discussion: """
            Without a number it is the last good release before the present one. Image, configuration and secrets go back \
            together. No gate is asked. While the old release is warm this is one change of split.

            Example:
              ingot rollback production
              ingot rollback production 7
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Argument(help: "The number of the release.") var release: Int?
    @Flag(help: "Return as soon as the rollout is accepted.") var detach = false
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if let release, release < 1 { throw ValidationError("A release's number is 1 or more, not \(release).") }
    }

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        let accepted = try await client.rollBack(target, to: release.map { ReleaseNumber($0) })
        guard !detach else { return console.show(AcceptedView(value: accepted)) }
        try await RolloutFollower(client: client, console: console).follow(accepted)
    }
}
