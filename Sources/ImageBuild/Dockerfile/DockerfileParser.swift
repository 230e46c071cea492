public import IngotModel

/// Reads a Dockerfile. All its mistakes are collected; none stops the reading.
///
/// Source: Dockerfile reference. What is not there yet is a mistake that names it.
public struct DockerfileParser {
    /// The longest Dockerfile, and the most instructions, that are read.
    public static let largestSize: ByteSize = .mebibytes(1)
    public static let mostInstructions = 2_000

    static let known = [
        "FROM", "ARG", "ENV", "LABEL", "WORKDIR", "USER", "COPY", "RUN", "EXPOSE", "ENTRYPOINT", "CMD", "STOPSIGNAL", "HEALTHCHECK", "SHELL",
    ]
    static let notYet = ["ADD", "VOLUME", "ONBUILD", "MAINTAINER"]

    var words: WordReader
    var diagnostics: [Diagnostic] = []
    var arguments: [ArgumentDeclaration] = []
    var stages: [Stage] = []

    private init(file: String, source: DockerfileSource) {
        words = WordReader(file: file, escape: source.escape)
        diagnostics = source.diagnostics
    }

    /// - Parameter file: the name that positions carry.
    /// - Throws: `BuildError.invalidDockerfile` with every mistake.
    public static func parse(_ text: String, file: String) throws(BuildError) -> Dockerfile {
        guard text.utf8.count <= largestSize.bytes else { throw .dockerfileTooLarge(file: file) }
        let source = DockerfileSource(text, file: file)
        var parser = DockerfileParser(file: file, source: source)
        parser.read(source.lines)
        let mistakes = parser.diagnostics.filter { $0.severity == .error }
        guard mistakes.isEmpty else { throw .invalidDockerfile(parser.diagnostics.inOrder) }
        return Dockerfile(
            escape: source.escape, arguments: parser.arguments, stages: parser.stages, warnings: parser.diagnostics.inOrder)
    }

    private mutating func read(_ lines: [LogicalLine]) {
        for line in lines.prefix(Self.mostInstructions) { read(line) }
        if lines.count > Self.mostInstructions, let first = lines[Self.mostInstructions].characters.first {
            report("more than \(Self.mostInstructions) instructions", at: words.location(first))
        } else if stages.isEmpty, diagnostics.isEmpty {
            report(
                "there is no FROM: an image has to start from something", at: SourceLocation(file: words.file, line: 1, column: 1),
                hint: "write FROM scratch, or FROM and the name of a base image")
        }
    }

    private mutating func read(_ line: LogicalLine) {
        guard let statement = Statement(line, words: words) else { return }
        if statement.keyword != "FROM", statement.keyword != "ARG", stages.isEmpty, Self.known.contains(statement.keyword) {
            return report("\(statement.keyword) stands before the first FROM", at: statement.location)
        }
        switch statement.keyword {
        case "FROM": readFrom(statement)
        case "ARG" where stages.isEmpty: arguments += readArguments(statement)
        default:
            guard let kind = kind(of: statement) else { return }
            refuseUnknownFlags(statement)
            stages[stages.count - 1].instructions.append(
                Instruction(kind: kind, location: statement.location, text: statement.text))
        }
    }

    private mutating func kind(of statement: Statement) -> Instruction.Kind? {
        switch statement.keyword {
        case "ARG": .argument(readArguments(statement))
        case "ENV": readPairs(statement).map(Instruction.Kind.environment)
        case "LABEL": readPairs(statement).map(Instruction.Kind.label)
        case "WORKDIR": readOne(statement, "a folder").map(Instruction.Kind.workingFolder)
        case "USER": readOne(statement, "a user").map(Instruction.Kind.user)
        case "COPY": readCopy(statement).map(Instruction.Kind.copy)
        case "RUN": readCommand(statement).map { .run(RunInstruction($0)) }
        case "EXPOSE": readPorts(statement)
        case "ENTRYPOINT": readCommand(statement).map(Instruction.Kind.entrypoint)
        case "CMD": readCommand(statement, mayBeEmpty: true).map(Instruction.Kind.command)
        case "STOPSIGNAL": readOne(statement, "a signal").map(Instruction.Kind.stopSignal)
        case "HEALTHCHECK": readHealthCheck(statement).map(Instruction.Kind.healthCheck)
        case "SHELL": readShell(statement).map(Instruction.Kind.shell)
        default: reportUnknown(statement)
        }
    }

    private mutating func reportUnknown(_ statement: Statement) -> Instruction.Kind? {
        if Self.notYet.contains(statement.keyword) {
            let hint = statement.keyword == "ADD" ? "use COPY for files of the context" : nil
            report("\(statement.keyword) is not supported yet", at: statement.location, hint: hint)
        } else {
            let nearest = NearestWord.to(statement.keyword, among: Self.known)
            report(
                "unknown instruction '\(statement.keyword.prefix(40))'", at: statement.location, hint: nearest.map { "did you mean \($0)?" })
        }
        return nil
    }

    // MARK: Reporting

    mutating func report(_ message: String, at location: SourceLocation, hint: String? = nil) {
        diagnostics.append(Diagnostic(.error, at: location, message, hint: hint))
    }

    mutating func warn(_ message: String, at location: SourceLocation, hint: String? = nil) {
        diagnostics.append(Diagnostic(.warning, at: location, message, hint: hint))
    }

    /// The flags of each instruction that are read, and those that are known to the language but not read yet.
    private static let flags: [String: (read: [String], notYet: [String])] = [
        "FROM": ([], ["platform"]),
        "COPY": (["from", "chown", "chmod"], ["link", "parents", "exclude"]),
        "RUN": ([], ["mount", "network", "security", "device"]),
        "HEALTHCHECK": (["interval", "timeout", "start-period", "retries"], ["start-interval"]),
    ]

    mutating func refuseUnknownFlags(_ statement: Statement) {
        let flags = Self.flags[statement.keyword] ?? ([], [])
        var seen: Set<String> = []
        for flag in statement.flags {
            if flags.notYet.contains(flag.name) {
                report("\(statement.keyword) --\(flag.name) is not supported yet", at: flag.location)
            } else if !flags.read.contains(flag.name) {
                let nearest = NearestWord.to(flag.name, among: flags.read)
                report(
                    "\(statement.keyword) has no flag --\(flag.name.prefix(40))", at: flag.location, hint: nearest.map { "did you mean --\($0)?" })
            } else if !seen.insert(flag.name).inserted {
                report("--\(flag.name) stands twice", at: flag.location)
            } else if flag.value?.raw.isEmpty != false {
                report("--\(flag.name) has no value", at: flag.location, hint: "write --\(flag.name)=…")
            }
        }
    }
}

extension [Diagnostic] {
    /// As they stand in the file.
    var inOrder: [Diagnostic] {
        sorted { ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column) }
    }
}
