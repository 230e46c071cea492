import Glibc
import SystemPackage

/// A lock on a file, let go of when the value is gone, or its process is. Source: flock(2).
final class FileLock: Sendable {
    private let descriptor: CInt

    private init(adopting descriptor: CInt) { self.descriptor = descriptor }

    /// Waits until nobody else holds it: for locks that are held for a moment.
    init(_ path: FilePath) throws(BuildError) {
        descriptor = try Self.open(path)
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .system("lock", path.string, number: errno) }
        }
    }

    /// `nil` when somebody holds it who does not share it.
    static func ifFree(_ path: FilePath, isShared: Bool) throws(BuildError) -> FileLock? {
        let file = try open(path)
        if flock(file, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 { return FileLock(adopting: file) }
        let number = errno
        close(file)
        guard number == EWOULDBLOCK || number == EINTR else { throw .system("lock", path.string, number: number) }
        return nil
    }

    private static func open(_ path: FilePath) throws(BuildError) -> CInt {
        let file = Glibc.open(path.string, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("open", path.string, number: errno) }
        return file
    }

    deinit { close(descriptor) }
}
