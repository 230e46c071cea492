internal import Glibc
internal import SystemPackage

/// A hold on the store, released when the value is gone, or its process is.
///
/// Whoever writes holds it shared, so that what was just written, and nothing refers to yet, is not taken for
/// garbage. Collecting garbage holds it alone. Source: flock(2).
public final class StoreLock: Sendable {
    private let file: OpenFile

    private init(_ file: OpenFile) { self.file = file }

    static func shared(_ path: FilePath) throws -> StoreLock {
        let file = try OpenFile(path, O_RDWR | O_CREAT, mode: 0o600)
        try wait(for: LOCK_SH, on: file)
        return StoreLock(file)
    }

    static func exclusive(_ path: FilePath) throws -> StoreLock {
        let file = try OpenFile(path, O_RDWR | O_CREAT, mode: 0o600)
        try wait(for: LOCK_EX, on: file)
        return StoreLock(file)
    }

    /// `nil` when somebody else holds it.
    static func tryExclusive(_ path: FilePath) throws -> StoreLock? {
        let file = try OpenFile(path, O_RDWR | O_CREAT, mode: 0o600)
        if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 { return StoreLock(file) }
        guard Errno.last == .wouldBlock else { throw StoreError.system("flock", path, .last) }
        return nil
    }

    private static func wait(for operation: Int32, on file: OpenFile) throws {
        while flock(file.descriptor, operation) != 0 {
            guard Errno.last == .interrupted else { throw StoreError.system("flock", file.path, .last) }
        }
    }
}
