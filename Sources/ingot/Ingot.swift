import ArgumentParser
import Glibc
import IngotModel

@main
struct Ingot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingot",
        abstract: "Immutable infrastructure as one tool: a commit becomes an image, the image a release, and traffic moves to it.",
        discussion: """
            A first deployment:

              ingot serve &            the daemon; a systemd unit is in deploy/systemd
              ingot init               writes ingot.yaml for the service in this folder
              ingot up                 builds, tests, and deploys to the first environment
              ingot deploy production 1a2b3c4
              ingot rollback production

            Exit codes: 0 done; 1 the world's or Ingot's fault, also a rollout that went back; 2 a mistake in what was \
            asked or written; 3 a gate said no; 130 interrupted.

            Completion: `ingot --generate-completion-script bash` (or zsh, fish) prints a script for your shell.
            """,
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(
                name: "From a commit to traffic",
                subcommands: [
                    Init.self, Build.self, TestCommands.self, Up.self, Plan.self, Deploy.self, RolloutCommands.self, Rollback.self,
                    SetCommands.self, Scale.self, Lock.self, Unlock.self, LintCommand.self, Assess.self,
                ]),
            CommandGroup(
                name: "What may run where", subcommands: [Why.self, Promote.self, Approve.self, Reject.self, Freeze.self, Thaw.self]),
            CommandGroup(
                name: "What runs", subcommands: [Status.self, History.self, Events.self, Logs.self, InstanceCommands.self, ReleaseCommands.self]),
            CommandGroup(
                name: "Images",
                subcommands: [ImageCommands.self, Sbom.self, Scan.self, BaseCommands.self, CacheCommands.self, AdvisoriesCommands.self]),
            CommandGroup(name: "Signatures", subcommands: [Sign.self, Attest.self, Verify.self, KeyCommands.self]),
            CommandGroup(name: "Secrets", subcommands: [SecretCommands.self]),
            CommandGroup(
                name: "The daemon",
                subcommands: [Serve.self, ShutdownCommand.self, AccessCommands.self, TokenCommands.self, RegistryCommands.self]),
        ])

    static func main() async {
        Glibc.exit(await CommandRun.run(Array(CommandLine.arguments.dropFirst())))
    }
}

enum Version {
    static let current = "0.1.0"
}
