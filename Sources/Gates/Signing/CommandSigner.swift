public import IngotModel
internal import Subprocess
internal import SystemPackage

/// A key that never comes here: a command signs with it, on a token (PKCS#11) or in a key service.
///
/// The command gets the 32 bytes of a SHA-256 on its input, and writes the signature in DER. What it writes is checked with the public key before
/// it is used.
public struct CommandSigner: Signer {
    public let verificationKey: VerificationKey
    private let command: [String]
    private let deadline: Milliseconds

    /// - Parameter command: a program and its arguments; no shell reads it.
    public init(command: [String], verificationKey: VerificationKey, deadline: Milliseconds = .seconds(60)) {
        self.command = command
        self.verificationKey = verificationKey
        self.deadline = deadline
    }

    /// - Throws: `gates.signer-failed` when it cannot be run, ends with a code, is late, or writes what is no signature of this key.
    public func signature(of message: [UInt8]) async throws -> [UInt8] {
        let signature = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await run(KnownDigest(of: message).bytes) }
            group.addTask {
                try await Task.sleep(for: deadline.duration)
                throw failed("it took longer than \(deadline)")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
        guard verificationKey.hasSigned(message, signature) else { throw failed("what it wrote is no signature of the key that is given with it") }
        return signature
    }

    private static let outputLimit = 4_096
    private static let complaintLimit = 4_096

    private func run(_ digest: [UInt8]) async throws -> [UInt8] {
        guard let program = command.first else { throw failed("it is empty") }
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        let input = try Self.input(digest)
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(FilePath(program)) : .name(program), arguments: Arguments(Array(command.dropFirst())),
                platformOptions: options, input: input, output: .bytes(limit: Self.outputLimit), error: .string(limit: Self.complaintLimit))
            guard case .exited(0) = result.terminationStatus else {
                throw failed("\(result.terminationStatus): \(result.standardError)")
            }
            return result.standardOutput
        } catch let error as SubprocessError {
            throw failed("it could not be run, or wrote more than \(Self.outputLimit) bytes", cause: error)
        }
    }

    /// A pipe that holds all of it: a program that ends without reading it must not harm who writes.
    private static func input(_ digest: [UInt8]) throws -> FileDescriptorInput {
        let pipe = try FileDescriptor.pipe()
        try pipe.writeEnd.closeAfter { _ = try pipe.writeEnd.writeAll(digest) }
        return .fileDescriptor(pipe.readEnd, closeAfterSpawningProcess: true)
    }

    private func failed(_ why: String, cause: (any Error)? = nil) -> GateError {
        KeyError.signerFailed(command.joined(separator: " "), why, cause: cause)
    }
}
