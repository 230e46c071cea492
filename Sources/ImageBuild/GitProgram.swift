import ContainerRuntime
import Subprocess
import SystemPackage

enum GitProgram {
    /// The caller's git; its name where PATH has none, so that starting it says so.
    ///
    /// Left to itself the starting library tries one folder after the other, a process for each.
    static var executable: Executable {
        Program.find("git", in: Program.callersFolders).map { .path(FilePath($0)) } ?? .name("git")
    }
}
