import Dispatch
import IngotModel
import SystemPackage

/// What comes on a descriptor to its end, such as a context or a Dockerfile.
enum StandardInput {
    /// Reads to the end, on a thread that may wait.
    static func read(_ input: CInt, to path: FilePath, limit: ByteSize) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async { continuation.resume(with: Result { try copy(input, to: path, limit: limit) }) }
        }
    }

    private static func copy(_ input: CInt, to path: FilePath, limit: ByteSize) throws {
        let file = try FileDescriptor.open(path, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
        defer { try? file.close() }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var count = 0
        while true {
            let part = try buffer.withUnsafeMutableBytes { try FileDescriptor(rawValue: input).read(into: $0) }
            if part == 0 { return }
            count += part
            guard count <= limit.bytes else { throw BuildError("context-too-large", "standard input gives more than \(limit)") }
            _ = try file.writeAll(buffer[..<part])
        }
    }
}
