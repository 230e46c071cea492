import ArgumentParser

struct InstanceCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instance", abstract: "Look at running copies.", subcommands: [InstanceList.self, InstanceShow.self])
}
