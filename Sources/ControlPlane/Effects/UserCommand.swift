import Gates
import IngotModel
import SystemPackage

extension BoundedCommand {
    /// A command of a manifest that the daemon runs: in the folder of its program when that is given by a path, else in `/`.
    init(ofUser command: [String], environment: [String: String], deadline: Milliseconds) {
        let program = FilePath(command.first ?? "")
        let folder = program.isAbsolute ? program.removingLastComponent() : "/"
        self.init(command: command, folder: folder, environment: environment, deadline: deadline, outputLimit: 4_096)
    }
}
