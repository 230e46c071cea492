import ArgumentParser

struct ReleaseCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Look at releases.", subcommands: [ReleaseList.self, ReleaseShow.self])
}
