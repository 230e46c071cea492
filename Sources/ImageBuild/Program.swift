import Glibc
import Subprocess
import SystemPackage

/// Programs of this machine.
enum Program {
    /// Where a program stands, by the folders of PATH; its name where it stands in none, so that starting it says so.
    ///
    /// Left to itself the starting library tries one folder after the other, a process for each.
    static func executable(_ name: String) -> Executable {
        let folders = getenv("PATH").map { String(cString: $0) } ?? ""
        let paths = folders.split(separator: ":").map { FilePath(String($0)).appending(name) }
        return paths.first { access($0.string, X_OK) == 0 }.map { .path($0) } ?? .name(name)
    }
}
