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
}

/// What RUN, CMD and ENTRYPOINT start.
public enum Command: Hashable, Sendable {
    /// One line for the shell.
    case shell(String)
    /// A program and its arguments, no shell.
    case exec([String])
}

/// `COPY` and `ADD`: sources, a destination, and what else is said of them.
public struct CopyInstruction: Hashable, Sendable {
    public enum Keyword: String, Hashable, Sendable {
        case copy = "COPY"
        case add = "ADD"
    }

    public var keyword = Keyword.copy
    /// Paths of the context or of `from`; with ADD also URLs and Git references. Here documents stand beside.
    public var sources: [Word]
    /// Files whose content stands in the Dockerfile itself, after the sources.
    public var documents: [HereDocument] = []
    public var destination: Word
    /// `--from`: a stage, an image or a named context. COPY only.
    public var from: Word?
    /// `--chown`
    public var owner: Word?
    /// `--chmod`
    public var mode: Word?
    /// `--link`
    public var isLink = false
    /// `--parents`
    public var keepsParents = false
    /// `--exclude`, each as often as it is given.
    public var excludes: [Word] = []
    /// `--checksum`. ADD only.
    public var checksum: Word?
    /// `--keep-git-dir`. ADD only.
    public var keepsGitFolder = false
    /// `--unpack`; `nil` when not said: local archives are unpacked, downloaded ones not. ADD only.
    public var unpacks: Bool?
}

/// `RUN [--mount=…]… [--network=…] [--security=…] command`.
public struct RunInstruction: Hashable, Sendable {
    public var command: Command
    /// What the shell reads where the command says `<<NAME`. With the exec form there are none.
    public var documents: [HereDocument] = []
    public var mounts: [MountFlag] = []
    /// `--network`: `default`, `none` or `host`.
    public var network: Word?
    /// `--security`: `sandbox` or `insecure`.
    public var security: Word?

    public init(_ command: Command) { self.command = command }
}

/// One `--mount=type=…,key=value,…`. Keys are known ones, each once and each fit for the kind; values still have their variables.
public struct MountFlag: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable { case bind, cache, tmpfs, secret, ssh }

    public var kind: Kind
    /// By their full names: `dst` and `destination` are `target`, `src` is `source`, `ro` is `readonly`; `rw` is `readwrite`.
    /// A key without a value has the value `true`.
    public var options: [String: Word]
    public var location: SourceLocation
}

/// `<<NAME`, and the lines to `NAME`.
public struct HereDocument: Hashable, Sendable {
    public var name: String
    /// The lines, each with its end; tabs before them taken away when it was `<<-`.
    public var content: String
    /// Whether variables in the content are filled in: not when the name stood in quotes.
    public var expands: Bool
    /// Of the first line of the content.
    public var location: SourceLocation
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
