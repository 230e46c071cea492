import API
import ArgumentParser
import Client

struct SecretKey: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Print what values of an environment are encrypted for.",
        discussion: """
            Anybody may have it: only the daemon can open what is encrypted for it.

            Example:
              ingot secret key production > production.pub
              ingot secret encrypt production DATABASE_PASSWORD --key "$(cat production.pub)"     where there is no daemon
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        console.show(SealingKeyView(value: try await client.sealingKey(of: target)))
    }
}

struct SealingKeyView: View {
    var value: SealingKeyAnswer

    func lines(_ style: TextStyle) -> [String] { [value.key] }
}
