public import ContainerRuntime
import Synchronization
import SystemPackage

/// A step that failed, with the files, mounts, environment and user that it had, before it is cleared away.
///
/// What is written in it is thrown away: the build has failed, and ends when the closure that got this value returns.
public struct InteractiveStep: Sendable {
    public let id: BuildStepID
    /// Why it failed, with its place in the Dockerfile and the last it printed.
    public let error: BuildError
    /// What it ran.
    public let arguments: [String]

    let runtime: OCIRuntime
    let specification: RuntimeSpecification
    let name: String
    let bundle: FilePath

    /// Runs a program in it, to its end, with descriptors of the caller: a terminal where `input` is one.
    public func run(_ arguments: [String] = ["/bin/sh"], input: Int32 = 0, output: Int32 = 1) async throws -> ExitStatus {
        var specification = specification
        specification.process.args = arguments
        return try await runtime.runAttached(specification, named: name, bundle: bundle.string, input: input, output: output)
    }
}

/// There is one terminal: of stages that fail at the same time the first gets it.
final class InteractiveTurn: Sendable {
    private let isTaken = Mutex(false)

    /// Whether it is the caller's.
    func take() -> Bool {
        isTaken.withLock { taken in
            defer { taken = true }
            return !taken
        }
    }
}
