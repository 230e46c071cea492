internal import Glibc
internal import IngotModel
public import SystemPackage

/// Where an archive goes.
public enum ArchiveTarget: Hashable, Sendable {
    /// A file, which appears whole or not at all. One of that name is replaced.
    case file(FilePath)
    case standardOutput

    /// Calls the body with what takes the bytes; gives a file its name when the body is done.
    func write<Result>(_ body: (@escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Result) throws -> Result {
        switch self {
        case .standardOutput:
            return try body { try Self.writeAll($0) }
        case .file(let path):
            let folder = path.removingLastComponent()
            let file = try TemporaryFile(in: folder.isEmpty ? "." : folder, mode: 0o644)
            let output = HashedOutput(file)
            let result = try body { try output.append($0) }
            try file.commit(as: path)
            return result
        }
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(STDOUT_FILENO, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count < 0, currentErrno() == EINTR { continue }
            guard count > 0 else { throw StoreError.system("write", "/dev/stdout", .last) }
            done += count
        }
    }
}
