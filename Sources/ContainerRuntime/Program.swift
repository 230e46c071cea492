import Glibc

/// Programs of this machine.
public enum Program {
    /// Where packages and administrators put them.
    public static let systemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

    /// Those of the caller's PATH.
    public static var callersFolders: [String] {
        getenv("PATH").map { String(cString: $0) }?.split(separator: ":").map(String.init) ?? []
    }

    /// The first that can be executed; `nil` when there is none.
    public static func find(_ name: String, in folders: [String] = systemFolders) -> String? {
        folders.map { "\($0)/\(name)" }.first { (path: String) in access(path, X_OK) == 0 }
    }
}
