import ArgumentParser

struct KeyCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make keys that sign images, and look at them.",
        discussion: """
            A key is two files: NAME.key, which only its password opens, and NAME.pub, which everybody may have. `cosign` reads both.
            """,
        subcommands: [KeyCreate.self, KeyList.self, KeyShow.self])
}
