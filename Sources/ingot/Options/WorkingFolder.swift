import Glibc

enum WorkingFolder {
    /// The folder the command was started in; `.` when it is gone.
    static var current: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }
}
