import ArgumentParser
import Client

struct ImagePrune: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove images that no tag and no release needs.",
        discussion: """
            The daemon does it, since it alone knows what releases need.

            Example:
              ingot image prune
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        console.show(GarbageView(value: try await options.client.collectGarbage()))
    }
}
