import API
import ArgumentParser
import Client
import IngotModel

struct AccessWhoAmI: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Show as whom the daemon knows you, and what you may do.",
        discussion: """
            Example:
              ingot access whoami
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws { console.show(AccessSelfView(value: try await options.client.accessSelf())) }
}

struct AccessSelfView: View {
    var value: AccessSelf

    func lines(_ style: TextStyle) -> [String] {
        ["\(value.actor)"] + value.grants.map { "  \($0)" } + (value.limit.map { ["  by this token no more than \($0)"] } ?? [])
    }
}
