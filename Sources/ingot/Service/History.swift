import ArgumentParser
import Client
import IngotModel

struct History: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List the rollouts that have ended, newest first.",
        discussion: """
            With --rollout, one of them with its proof: what each release served, and how fast traffic moved.

            Example:
              ingot history production
              ingot history production --rollout 12
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Option(help: "The number of one rollout.") var rollout: Int?
    @Option(help: "At most this many.") var limit: Int = 20
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        if let rollout {
            let record = try await client.rollout(Generation(rollout), of: target)
            return console.show(ProofView(value: record, environment: target))
        }
        let records = try await client.rollouts(of: target)
        console.show(HistoryView(value: Array(records.prefix(max(0, limit))), now: Clock.now))
    }
}
