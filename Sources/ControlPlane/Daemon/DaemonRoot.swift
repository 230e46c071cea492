import Glibc
import IngotModel
import Synchronization

/// The daemon's folder, held by this process alone for as long as it lives.
public final class DaemonRoot: Sendable {
    public let path: String
    /// The lock's file; `nil` once it was given back.
    private let lock: Mutex<CInt?>

    public var database: String { "\(path)/ingot.db" }
    public var secrets: String { "\(path)/secrets" }
    public var secretSources: String { "\(path)/secret-sources.yaml" }
    public var socket: String { "\(path)/ingot.sock" }

    /// Makes the folder when it is missing, and takes its lock. The kernel gives the lock back however the process ends.
    ///
    /// - Throws: `control.daemon-running` with the number of the process that holds it, `control.root-of-another-user` and others.
    public init(_ path: String) throws {
        self.path = path
        try PrivateFile.makeFolder(path, mode: 0o711)
        let lock = open("\(path)/daemon.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw PrivateFile.failed("open", "\(path)/daemon.lock", "open") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.holder(lock)
            close(lock)
            guard code == EWOULDBLOCK else { throw PrivateFile.failed("lock", "\(path)/daemon.lock", "flock") }
            throw Self.running(path, holder)
        }
        Self.write(getpid(), to: lock)
        self.lock = Mutex(lock)
    }

    deinit { release() }

    /// Gives the lock back: the next daemon may take the root, whoever still holds this value.
    func release() {
        lock.withLock { lock in
            if let lock { close(lock) }
            lock = nil
        }
    }

    private static func running(_ path: String, _ holder: String) -> ControlError {
        ControlError(
            "daemon-running", "a daemon runs on \(path) already: process \(holder)",
            remedy: "stop it with 'systemctl stop ingot' or 'kill \(holder)', or choose another folder with --root or INGOT_ROOT",
            kind: .conflict)
    }

    private static func holder(_ descriptor: CInt) -> String {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        let digits = buffer.prefix(max(0, count)).prefix { (48...57).contains($0) }
        return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
    }

    private static func write(_ process: pid_t, to descriptor: CInt) {
        let text = Array("\(process)\n".utf8)
        // Only for a message to people: the lock is what counts, so a failure here is none.
        ftruncate(descriptor, 0)
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
