internal import Glibc
internal import SystemPackage

/// The files of keys: small, read whole, written once.
enum KeyFile {
    /// `nil` when there is none.
    static func read(_ path: String) throws -> String? {
        let file: FileDescriptor
        do { file = try .open(FilePath(path), .readOnly, options: .closeOnExec) } catch Errno.noSuchFileOrDirectory { return nil }
        return try file.closeAfter {
            var bytes = [UInt8](repeating: 0, count: PEMBlock.limit)
            var count = 0
            while count < bytes.count {
                let read = try bytes.withUnsafeMutableBytes { try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...])) }
                guard read > 0 else { break }
                count += read
            }
            guard count < bytes.count, let text = String(validating: bytes[..<count], as: UTF8.self) else { throw Errno.fileTooLarge }
            return text
        }
    }

    /// The folder that a key was made in may be new, too.
    private static func synchronize(folder: FilePath) throws {
        let file: FileDescriptor
        // Who may write into a folder may not always read the one above it.
        do { file = try .open(folder, .readOnly, options: [.directory, .closeOnExec]) } catch Errno.permissionDenied { return }
        try file.closeAfter { guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) } }
    }

    /// It is on the disk when this returns: what is signed with a key that a power cut took away can be signed by nobody again.
    ///
    /// Throws `Errno.fileExists` when there is one.
    static func create(_ path: String, _ text: String, mode: CInterop.Mode) throws {
        let temporary = FilePath("\(path).\(getpid()).new")
        let file = try FileDescriptor.open(
            temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: FilePermissions(rawValue: mode))
        defer { _ = unlink(temporary.string) }
        try file.closeAfter {
            try file.writeAll(text.utf8)
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
        // link, unlike rename, does not replace what is there.
        guard link(temporary.string, path) == 0 else { throw Errno(rawValue: errno) }
        for folder in [FilePath(path).removingLastComponent(), FilePath(path).removingLastComponent().removingLastComponent()] {
            try synchronize(folder: folder.isEmpty ? "." : folder)
        }
    }
}
