import ArgumentParser

struct RegistryCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry", abstract: "Say who may use the registry that `ingot serve --registry` serves.",
        subcommands: [RegistryTokenCommands.self])
}

struct RegistryTokenCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Tokens of the registry.",
        discussion: """
            A token is the password of `docker login`, with any user's name. It is kept only as its hash.
            """,
        subcommands: [RegistryTokenCreate.self, RegistryTokenList.self, RegistryTokenRevoke.self])
}
