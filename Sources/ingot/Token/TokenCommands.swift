import ArgumentParser

struct TokenCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make and end tokens, by which a daemon is asked over the network.",
        discussion: """
            A token is a person's: what it does is theirs, and it may do no more than they may. It ends by itself, \
            after 90 days at most.
            """,
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}
