import ArgumentParser

struct BaseCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base", abstract: "Make base images, which other images start from.", subcommands: [BaseBuild.self])
}
