import ArgumentParser
import Client

struct InstanceShow: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one instance: its release, its health, how its root is protected, how it ended.",
        discussion: """
            Example:
              ingot instance show 3f9a01c2
            """)

    @Argument(help: "The instance's 8 digits.") var instance: InstanceArgument
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        console.show(InstanceView(value: try await options.client.instance(instance.id), now: Clock.now))
    }
}
