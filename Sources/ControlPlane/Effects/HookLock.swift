import Glibc
import IngotModel

/// What tells a daemon whether hooks of an environment still run that a daemon before it has started.
///
/// A file's lock that is held, shared, by the process that follows each command of a hook to its end, and by nobody else. That process kills all
/// that the command has started when the daemon dies, and the kernel gives the lock back when it has ended. So a lock that can be had says
/// that nothing of the hooks is left, with no process identifier that another process could have by now.
struct HookLock: Sendable {
    let path: String

    /// - Parameter folder: the daemon's.
    init(_ environment: EnvironmentID, folder: String) { path = "\(folder)/hooks/\(environment.service).\(environment.environment).lock" }

    /// A descriptor to hold it by.
    func hold() throws -> CInt {
        let lock = try open()
        guard flock(lock, LOCK_SH | LOCK_NB) == 0 else {
            defer { close(lock) }
            throw PrivateFile.failed("lock", path, "flock")
        }
        return lock
    }

    /// Whether nobody holds it.
    func isFree() throws -> Bool {
        let lock = try open()
        defer { close(lock) }
        if flock(lock, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw PrivateFile.failed("lock", path, "flock") }
        return false
    }

    private func open() throws -> CInt {
        try PrivateFile.makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]), mode: 0o700)
        let lock = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw PrivateFile.failed("open", path, "open") }
        return lock
    }
}
