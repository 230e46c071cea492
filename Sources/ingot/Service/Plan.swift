import API
import ArgumentParser
import Client
import IngotModel

struct Plan: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what a deployment would do, step by step, without doing it.",
        discussion: """
            It is the planner itself, played against a world in which all goes well: the sizes of the fleets, the split of the traffic, \
            and what is waited for.

            Example:
              ingot plan production 1a2b3c4
              ingot plan production sha256:6c3c624b58db
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Argument(help: "A digest, tag, commit or release number.") var reference: String
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let choice = try await ServiceChoice(options: service, client: client, console: console).choice(environment)
        if let manifest = choice.manifest { try await client.register(manifest) }
        let target = choice.environment
        console.show(PlanView(value: try await client.plan(Deploy.wire(reference), in: target)))
    }
}
