public import IngotModel

/// A Dockerfile that was read without mistakes; variables are not yet filled in.
public struct Dockerfile: Hashable, Sendable {
    /// The escape character, from the directive of this name.
    public var escape: Character
    /// `ARG` before the first `FROM`: seen by `FROM`, and by stages that declare the name again.
    public var arguments: [ArgumentDeclaration]
    public var stages: [Stage]
    /// What is doubtful whatever the checks say. The checks look at the tree: see `DockerfileChecks`.
    public var warnings: [Diagnostic]
    public var directives = DockerfileDirectives()
    /// The keyword of each instruction as it was written, in the order of the file.
    public var keywords: [Word] = []
    /// Empty lines inside a continued instruction, the first of each.
    public var emptyContinuations: [SourceLocation] = []
}

/// From one `FROM` to the next.
public struct Stage: Hashable, Sendable {
    public var base: Word
    /// The name after `AS`, in lower case.
    public var name: String?
    public var location: SourceLocation
    public var instructions: [Instruction]
    /// `--platform`
    public var platform: Word?
    /// FROM as it was written.
    public var keyword = "FROM"
    /// AS as it was written.
    public var asKeyword: Word?
    /// The name as it was written.
    public var writtenName: Word?
    /// The comment on the line before.
    public var comment: String?

    public init(base: Word, name: String? = nil, location: SourceLocation, instructions: [Instruction] = []) {
        self.base = base
        self.name = name
        self.location = location
        self.instructions = instructions
    }
}

/// `ARG name` or `ARG name=value`.
public struct ArgumentDeclaration: Hashable, Sendable {
    public var name: String
    public var value: Word?
    public var location: SourceLocation
    /// The comment on the line before.
    public var comment: String?
}

/// One instruction of a stage.
public struct Instruction: Hashable, Sendable {
    public var kind: Kind
    public var location: SourceLocation
    /// As it stands in the file, on one line, for progress and history.
    public var text: String
    /// The comment on the line before.
    public var comment: String?

    public init(kind: Kind, location: SourceLocation, text: String, comment: String? = nil) {
        self.kind = kind
        self.location = location
        self.text = text
        self.comment = comment
    }

    public enum Kind: Hashable, Sendable {
        case argument([ArgumentDeclaration])
        case environment([NamedWord])
        case label([NamedWord])
        case workingFolder(Word)
        case user(Word)
        case copy(CopyInstruction)
        case run(RunInstruction)
        case expose([Word])
        case entrypoint(Command)
        case command(Command)
        case stopSignal(Word)
        case healthCheck(HealthCheck)
        case shell([String])
        case volume([Word])
        /// The instruction as it stands behind ONBUILD; carried out in a stage that starts from the image.
        case onBuild(String)
        case maintainer(Word)
    }
}

/// `name=value` of ENV and LABEL, both with variables.
public struct NamedWord: Hashable, Sendable {
    public var name: Word
    public var value: Word
    /// Whether it was written `NAME value`, without `=`.
    public var isOldForm = false
}

/// What RUN, CMD and ENTRYPOINT start.
public enum Command: Hashable, Sendable {
    /// One line for the shell.
    case shell(String)
    /// A program and its arguments, no shell.
    case exec([String])
}
