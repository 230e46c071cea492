import ArgumentParser

struct AccessCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "Say who may do what.",
        discussion: """
            A role is given to a user or a group of the daemon's machine: viewer, developer, approver, operator or administrator; on \
            everything, on a service, or on one of its environments. Root may do everything.
            """,
        subcommands: [AccessGrant.self, AccessRevoke.self, AccessList.self, AccessWhoAmI.self])
}
