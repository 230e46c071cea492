import API
import ArgumentParser
import Client

struct Status: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what serves, what moves, and what is waited for.",
        discussion: """
            Without an environment, all of them in a table. With one, also what is done of a rollout, what is awaited, for how long yet and why \
            not, what comes next if all goes well, and its instances.

            Example:
              ingot status
              ingot status production
              ingot status --explain               the same of all environments
              ingot status --output json
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument?
    @Flag(help: "Explain every environment, not only the one that is named; as JSON too.") var explain = false
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        guard let environment else { return try await showAll(client) }
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        guard explain || console.format == .text else {
            return console.show(EnvironmentView(value: try await client.status(of: target), now: Clock.now))
        }
        console.show(ExplanationView(value: try await client.explanation(of: target), now: Clock.now))
    }

    private func showAll(_ client: Client) async throws {
        let services = try await client.services()
        guard explain else { return console.show(StatusView(value: services, now: Clock.now)) }
        var explanations: [Explanation] = []
        for status in services.flatMap(\.environments) { explanations.append(try await client.explanation(of: status.environment)) }
        console.show(ExplanationsView(value: explanations, now: Clock.now))
    }
}
