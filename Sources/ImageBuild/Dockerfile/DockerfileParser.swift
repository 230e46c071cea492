public import IngotModel

/// Reads a Dockerfile. All its mistakes are collected; none stops the reading.
///
/// Source: Dockerfile reference, with the frontend of BuildKit as the judge where it is silent.
public struct DockerfileParser {
    /// The longest Dockerfile, and the most instructions, that are read.
    public static let largestSize: ByteSize = .mebibytes(1)
    public static let mostInstructions = 2_000

    static let keywords = [
        "FROM", "ARG", "ENV", "LABEL", "WORKDIR", "USER", "COPY", "ADD", "RUN", "EXPOSE", "ENTRYPOINT", "CMD", "STOPSIGNAL", "HEALTHCHECK",
        "SHELL", "VOLUME", "ONBUILD", "MAINTAINER",
    ]

    var words: WordReader
    var diagnostics: [Diagnostic] = []
    var arguments: [ArgumentDeclaration] = []
    var stages: [Stage] = []
    private var source: DockerfileSource
    private var writtenKeywords: [Word] = []
    private var emptyContinuations: [SourceLocation] = []

    private init(_ text: String, file: String) {
        source = DockerfileSource(text, file: file)
        words = WordReader(file: file, escape: source.directives.escape)
    }

    /// - Parameter file: the name that positions carry.
    /// - Throws: `BuildError.invalidDockerfile` with every mistake.
    public static func parse(_ text: String, file: String) throws(BuildError) -> Dockerfile {
        guard text.utf8.count <= largestSize.bytes else { throw .dockerfileTooLarge(file: file) }
        var parser = DockerfileParser(text, file: file)
        parser.read()
        let diagnostics = try parser.checked()
        return Dockerfile(
            escape: parser.words.escape, arguments: parser.arguments, stages: parser.stages, warnings: diagnostics,
            directives: parser.source.directives, keywords: parser.writtenKeywords, emptyContinuations: parser.emptyContinuations)
    }

    /// Reads one instruction that an image carries for those built on it. All its positions are those of the FROM.
    ///
    /// - Throws: `BuildError.invalidDockerfile`.
    static func parseTrigger(_ text: String, at location: SourceLocation) throws(BuildError) -> Instruction {
        guard text.utf8.count <= largestSize.bytes else { throw .dockerfileTooLarge(file: location.file) }
        var parser = DockerfileParser(text, file: location.file)
        parser.stages = [Stage(base: Word("", at: location), location: location)]
        parser.read()
        for index in parser.diagnostics.indices {
            parser.diagnostics[index].location = location
            parser.diagnostics[index].message = "ONBUILD of the base, '\(text.prefix(60))': \(parser.diagnostics[index].message)"
        }
        _ = try parser.checked()
        guard parser.stages.count == 1, parser.stages[0].instructions.count == 1, var instruction = parser.stages[0].instructions.first else {
            throw BuildError("invalid-trigger", at: location, "ONBUILD of the base is not one instruction: '\(text.prefix(60))'")
        }
        instruction.location = location
        return instruction
    }

    /// What is left when there are no mistakes: warnings.
    private func checked() throws(BuildError) -> [Diagnostic] {
        let all = (source.diagnostics + diagnostics).inOrder
        guard !all.contains(where: { $0.severity == .error }) else { throw .invalidDockerfile(all) }
        return all
    }

    private mutating func read() {
        var count = 0
        while let line = source.nextLine() {
            guard let statement = statement(line) else { continue }
            count += 1
            guard count <= Self.mostInstructions else { return report("more than \(Self.mostInstructions) instructions", at: statement.location) }
            read(statement)
        }
        if stages.isEmpty, diagnostics.isEmpty, source.diagnostics.isEmpty {
            report(
                "there is no FROM: an image has to start from something", at: SourceLocation(file: words.file, line: 1, column: 1),
                hint: "write FROM scratch, or FROM and the name of a base image")
        }
    }

    private mutating func statement(_ line: LogicalLine) -> Statement? {
        guard var statement = Statement(line, words: words) else { return nil }
        statement.documents = statement.markers.map { source.readDocument($0) }
        if let empty = line.emptyLine { emptyContinuations.append(SourceLocation(file: words.file, line: empty, column: 1)) }
        if Self.keywords.contains(statement.keyword) { writtenKeywords.append(Word(statement.writtenKeyword, at: statement.location)) }
        return statement
    }

    private mutating func read(_ statement: Statement) {
        if statement.keyword != "FROM", statement.keyword != "ARG", stages.isEmpty, Self.keywords.contains(statement.keyword) {
            return report("\(statement.keyword) stands before the first FROM", at: statement.location)
        }
        switch statement.keyword {
        case "FROM": readFrom(statement)
        case "ARG" where stages.isEmpty:
            diagnostics += FlagTable.mistakes(statement)
            arguments += readArguments(statement)
        default:
            guard let kind = kind(of: statement) else { return }
            stages[stages.count - 1].instructions.append(
                Instruction(kind: kind, location: statement.location, text: statement.text, comment: statement.comment))
        }
    }

    mutating func kind(of statement: Statement) -> Instruction.Kind? {
        if Self.keywords.contains(statement.keyword) { diagnostics += FlagTable.mistakes(statement) }
        return switch statement.keyword {
        case "ARG": .argument(readArguments(statement))
        case "ENV": readPairs(statement).map(Instruction.Kind.environment)
        case "LABEL": readPairs(statement).map(Instruction.Kind.label)
        case "WORKDIR": readOne(statement, "a folder").map(Instruction.Kind.workingFolder)
        case "USER": readOne(statement, "a user").map(Instruction.Kind.user)
        case "COPY": readCopy(statement, .copy).map(Instruction.Kind.copy)
        case "ADD": readCopy(statement, .add).map(Instruction.Kind.copy)
        case "RUN": readRun(statement).map(Instruction.Kind.run)
        case "EXPOSE": readPorts(statement)
        case "ENTRYPOINT": readCommand(statement, mayBeEmpty: true).map(Instruction.Kind.entrypoint)
        case "CMD": readCommand(statement, mayBeEmpty: true).map(Instruction.Kind.command)
        case "STOPSIGNAL": readOne(statement, "a signal").map(Instruction.Kind.stopSignal)
        case "HEALTHCHECK": readHealthCheck(statement).map(Instruction.Kind.healthCheck)
        case "SHELL": readShell(statement).map(Instruction.Kind.shell)
        case "VOLUME": readVolumes(statement).map(Instruction.Kind.volume)
        case "ONBUILD": readTrigger(statement).map(Instruction.Kind.onBuild)
        case "MAINTAINER": readOne(statement, "a name").map(Instruction.Kind.maintainer)
        default: reportUnknown(statement)
        }
    }

    private mutating func reportUnknown(_ statement: Statement) -> Instruction.Kind? {
        let nearest = NearestWord.to(statement.keyword, among: Self.keywords)
        report("unknown instruction '\(statement.keyword.prefix(40))'", at: statement.location, hint: nearest.map { "did you mean \($0)?" })
        return nil
    }

    // MARK: Reporting

    mutating func report(_ message: String, at location: SourceLocation, hint: String? = nil) {
        diagnostics.append(Diagnostic(.error, at: location, message, hint: hint))
    }

    mutating func warn(_ message: String, at location: SourceLocation, hint: String? = nil) {
        diagnostics.append(Diagnostic(.warning, at: location, message, hint: hint))
    }
}

extension [Diagnostic] {
    /// As they stand in the file.
    var inOrder: [Diagnostic] {
        sorted { ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column) }
    }
}
