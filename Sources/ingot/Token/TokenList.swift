import API
import ArgumentParser
import Client
import IngotModel

struct TokenList: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List your tokens; an administrator sees everybody's.",
        discussion: """
            Example:
              ingot token list
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws { console.show(TokensView(value: try await options.client.tokens(), now: Clock.now)) }
}

struct TokenRevoke: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End a token.",
        discussion: """
            It holds from the next request on; an answer that is under way goes on.

            Example:
              ingot token revoke ci
            """)

    @Argument(help: "What it is called.") var name: TokenName
    @OptionGroup var options: GlobalOptions

    func run() async throws { console.show(TokenRevokedView(value: try await options.client.revokeToken(name))) }
}

struct TokenRevokedView: View {
    var value: TokenRecord
    func lines(_ style: TextStyle) -> [String] { ["token '\(value.name)' of \(value.owner) is ended"] }
}

struct TokensView: View {
    var value: [TokenRecord]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["there is no token: `ingot token create` makes one"] }
        var table = Table([.left("NAME"), .left("OF"), .left("ROLE"), .left("ON"), .left("MADE BY"), .left("LAST USED"), .left("ENDS")])
        for token in value {
            table.add(
                Table.Cell(token.name.text), Table.Cell(token.owner.text), Table.Cell(token.grant.role.rawValue),
                Table.Cell(token.grant.scope.description), Table.Cell(token.by),
                Table.Cell(token.lastUsed.map { Words.ago($0, now: now) } ?? "never"),
                Table.Cell(token.until <= now ? "ended" : Words.ago(token.until, now: now)))
        }
        return table.lines(style)
    }
}
