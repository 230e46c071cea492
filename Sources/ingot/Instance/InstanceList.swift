import ArgumentParser
import Client

struct InstanceList: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the instances on this machine.",
        discussion: """
            Example:
              ingot instance list
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        console.show(InstancesView(value: try await options.client.instances(), now: Clock.now))
    }
}
