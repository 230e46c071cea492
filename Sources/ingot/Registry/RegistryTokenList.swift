import ArgumentParser
import IngotModel
import RegistryServer

struct RegistryTokenList: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tokens.",
        discussion: """
            Example:
              ingot registry token list
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let now = Clock.now
        let tokens = try options.registryTokens().list()
        options.console.show(RegistryTokenListView(value: tokens.map { RegistryTokenView.Answer($0, at: now) }))
    }
}
