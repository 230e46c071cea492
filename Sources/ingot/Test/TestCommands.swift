import ArgumentParser

struct TestCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Test an image, and show what its tests said.",
        discussion: "`ingot test smoke` is short for `ingot test run smoke`.",
        subcommands: [TestRunCommand.self, TestShow.self], defaultSubcommand: TestRunCommand.self)
}
