import ArgumentParser
import Client

struct Status: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what serves, what moves, and what is waited for.",
        discussion: """
            Without an environment, all of them in a table; with one, also its instances.

            Example:
              ingot status
              ingot status production
              ingot status --output json
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument?
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        guard let environment else { return console.show(StatusView(value: try await client.services(), now: Clock.now)) }
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        console.show(EnvironmentView(value: try await client.status(of: target), now: Clock.now))
    }
}
