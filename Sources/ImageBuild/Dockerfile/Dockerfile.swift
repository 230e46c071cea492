public import IngotModel

/// A Dockerfile that was read without mistakes; variables are not yet filled in.
public struct Dockerfile: Hashable, Sendable {
    /// The escape character, from the directive of this name.
    public var escape: Character
    /// `ARG` before the first `FROM`: seen by `FROM`, and by stages that declare the name again.
    public var arguments: [ArgumentDeclaration]
    public var stages: [Stage]
    public var warnings: [Diagnostic]
}

/// From one `FROM` to the next.
public struct Stage: Hashable, Sendable {
    public var base: Word
    /// The name after `AS`, in lower case.
    public var name: String?
    public var location: SourceLocation
    public var instructions: [Instruction]
}

/// `ARG name` or `ARG name=value`.
public struct ArgumentDeclaration: Hashable, Sendable {
    public var name: String
    public var value: Word?
    public var location: SourceLocation
}

/// One instruction of a stage.
public struct Instruction: Hashable, Sendable {
    public var kind: Kind
    public var location: SourceLocation
    /// As it stands in the file, on one line, for progress and history.
    public var text: String

    public enum Kind: Hashable, Sendable {
        case argument([ArgumentDeclaration])
        case environment([NamedWord])
        case label([NamedWord])
        case workingFolder(Word)
        case user(Word)
        case copy(CopyInstruction)
        case run(Command)
        case expose([Word])
        case entrypoint(Command)
        case command(Command)
        case stopSignal(Word)
        case healthCheck(HealthCheck)
        case shell([String])
    }
}

/// `name=value` of ENV and LABEL, both with variables.
public struct NamedWord: Hashable, Sendable {
    public var name: Word
    public var value: Word
}

/// What RUN, CMD and ENTRYPOINT start.
public enum Command: Hashable, Sendable {
    /// One line for the shell.
    case shell(String)
    /// A program and its arguments, no shell.
    case exec([String])
}

/// `COPY [--from=…] [--chown=…] [--chmod=…] source… destination`.
public struct CopyInstruction: Hashable, Sendable {
    public var sources: [Word]
    public var destination: Word
    public var from: Word?
    public var owner: Word?
    public var mode: Word?
}

/// `HEALTHCHECK`; a time or count of `nil` is the engine's default.
public struct HealthCheck: Hashable, Sendable {
    /// `nil` for `HEALTHCHECK NONE`.
    public var command: Command?
    public var interval: Milliseconds?
    public var timeout: Milliseconds?
    public var startPeriod: Milliseconds?
    public var retries: Int?
}
