import ArgumentParser
import RegistryServer

struct RegistryTokenRevoke: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End a token. It holds for no request that comes later.",
        discussion: """
            Example:
              ingot registry token revoke ci
            """)

    @Argument(help: "What the token is called.") var name: String
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        guard try options.registryTokens().revoke(name) else {
            throw CommandError("token-missing", "there is no token '\(name)'", remedy: "`ingot registry token list` shows what there is")
        }
        options.console.show(RegistryTokenRevokedView(value: .init(revoked: name)))
    }
}

struct RegistryTokenRevokedView: View {
    struct Answer: Codable { var revoked: String }
    var value: Answer
    func lines(_ style: TextStyle) -> [String] { ["the token \(value.revoked) has ended"] }
}
