import ArgumentParser

struct BaseCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base", abstract: "Make base images, which other images start from, and keep them fresh.",
        subcommands: [BaseBuild.self, BaseCheck.self, BaseRebuild.self, BaseList.self])
}
