import Gates
import IngotModel
import SystemPackage

extension BoundedCommand {
    /// What the daemon itself signs in with (see `AWSCredentials`): a command that prints its variables must not publish them.
    static let credentialVariables: Set<String> = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    ]

    /// A command of a manifest that the daemon runs: in the folder of its program when that is given by a path, else in `/`. It gets the daemon's
    /// variables, but for those that are credentials.
    init(ofUser command: [String], environment: [String: String], deadline: Milliseconds) {
        let program = FilePath(command.first ?? "")
        let folder = program.isAbsolute ? program.removingLastComponent() : "/"
        self.init(command: command, folder: folder, environment: environment, deadline: deadline, outputLimit: 4_096)
        withheld = Self.credentialVariables
    }
}
