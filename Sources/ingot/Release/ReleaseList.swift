import ArgumentParser
import Client

struct ReleaseList: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List an environment's releases, newest first.",
        discussion: """
            Example:
              ingot release list production
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        console.show(ReleasesView(value: try await client.releases(of: target), now: Clock.now))
    }
}
