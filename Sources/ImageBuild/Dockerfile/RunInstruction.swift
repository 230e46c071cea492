public import IngotModel

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

extension RunInstruction {
    /// What is started, with the documents in their places.
    public enum Program: Hashable, Sendable {
        /// A program and its arguments, no shell.
        case exec([String])
        /// Text for the shell.
        case shell(String)
        /// A document that begins with `#!`: a file of this name and content, started itself.
        case script(HereDocument)
    }

    /// As BuildKit has it: a single document with nothing beside it is the script; else the shell gets the line, with the
    /// documents behind it.
    public var program: Program {
        switch command {
        case .exec(let arguments): return .exec(arguments)
        case .shell(let line):
            guard let document = documents.first else { return .shell(line) }
            if HereDocumentMarker(Word(line, at: document.location)) != nil {
                return document.content.hasPrefix("#!") ? .script(document) : .shell(document.content)
            }
            return .shell(line + documents.map { "\n\($0.content)\($0.name)" }.joined())
        }
    }
}
