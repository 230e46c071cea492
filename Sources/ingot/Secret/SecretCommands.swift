import ArgumentParser

struct SecretCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "The values that instances are given at their start, and where they come from.",
        discussion: "No command and no answer of the daemon shows a value.",
        subcommands: [SecretList.self, SecretRefreshCommand.self, SecretEncrypt.self, SecretKey.self])
}
