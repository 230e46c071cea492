import API
import ArgumentParser
import Client
import IngotModel

struct SecretList: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show an environment's secrets: where they come from, which version, how old, what is wrong.",
        discussion: """
            Example:
              ingot secret list production
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        console.show(SecretsView(value: try await client.secrets(of: target), now: Clock.now))
    }
}

struct SecretsView: View {
    var value: SecretsStatus
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !value.secrets.isEmpty else { return ["\(value.environment) has no secrets."] }
        var table = Table([.left("SECRET"), .left("FROM"), .left("VERSION"), .left("READ"), .left("LAST ERROR")])
        for secret in value.secrets {
            table.add(
                Table.Cell(secret.name), Table.Cell(Terminal.safe(secret.reference)), Table.Cell(secret.version ?? "–"),
                Table.Cell(secret.readAt.map { Words.ago($0, now: now) } ?? "never"),
                Table.Cell(Terminal.safe(secret.error ?? ""), secret.error == nil ? nil : .red))
        }
        return table.lines(style) + (value.waits.map { ["", "\(style.paint("not rolled out:", .yellow)) \(Terminal.safe($0))"] } ?? [])
    }
}
