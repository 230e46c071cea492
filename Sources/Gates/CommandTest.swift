public import IngotModel
public import SystemPackage

public typealias TestOutcome = CommandOutcome

/// A test that is a command on this machine, run against an instance that exists for it alone.
public struct CommandTest: Sendable {
    /// The bytes of output that are kept, from its end: the evidence is stored.
    public static let outputLimit: ByteSize = 65_536

    public var command: [String]
    /// Where the command runs: the folder of `ingot.yaml`.
    public var folder: FilePath
    public var deadline: Milliseconds

    public init(command: [String], folder: FilePath, deadline: Milliseconds) {
        self.command = command
        self.folder = folder
        self.deadline = deadline
    }

    /// Runs the command with the instance's address in `INGOT_URL`. It passes by ending with exit code 0 in time.
    ///
    /// - Throws: `GateError` when the command can't be started at all.
    public func run(against url: String) async throws -> TestOutcome {
        try await BoundedCommand(
            command: command, folder: folder, environment: ["INGOT_URL": url], deadline: deadline, outputLimit: Self.outputLimit
        ).run()
    }
}
