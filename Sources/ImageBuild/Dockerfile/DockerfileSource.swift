import IngotModel

/// One character of a Dockerfile and where it stands, both counted from 1.
struct LocatedCharacter: Hashable, Sendable {
    var value: Character
    var line: Int
    var column: Int

    /// What separates words: the blanks of ASCII.
    var isBlank: Bool { value == " " || value == "\t" || value == "\u{B}" || value == "\u{C}" || value == "\r" }
}

/// An instruction as it stands in the file, its continued lines joined and its comments left out.
struct LogicalLine: Hashable, Sendable {
    var characters: [LocatedCharacter]
}

/// The lines of a Dockerfile before their meaning: parser directives read, continued lines joined.
///
/// Source: Dockerfile reference, "Format", "Parser directives" and "Escape".
struct DockerfileSource: Sendable {
    var escape: Character = "\\"
    var lines: [LogicalLine] = []
    var diagnostics: [Diagnostic] = []

    private let file: String
    private let physicalLines: [String]
    private var next = 0

    init(_ text: String, file: String) {
        self.file = file
        physicalLines = Self.split(text)
        readDirectives()
        readLines()
    }

    private static func split(_ text: String) -> [String] {
        let withoutMark = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        return withoutMark.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
    }

    // MARK: Directives

    /// Directives stand before everything else, also before a comment or an empty line.
    private mutating func readDirectives() {
        var seen: Set<String> = []
        while next < physicalLines.count, let directive = Self.directive(physicalLines[next]) {
            let location = SourceLocation(file: file, line: next + 1, column: 1)
            if !seen.insert(directive.name).inserted {
                diagnostics.append(Diagnostic(.error, at: location, "the directive '\(directive.name)' stands twice"))
            }
            if directive.name == "escape" { readEscape(directive.value, at: location) }
            next += 1
        }
    }

    private mutating func readEscape(_ value: String, at location: SourceLocation) {
        guard value == "\\" || value == "`", let character = value.first else {
            let message = "the directive 'escape' can't be '\(value.prefix(20))'"
            return diagnostics.append(Diagnostic(.error, at: location, message, hint: "write \\ or `"))
        }
        escape = character
    }

    private static func directive(_ line: String) -> (name: String, value: String)? {
        let text = line.drop { $0 == " " || $0 == "\t" }
        guard text.first == "#" else { return nil }
        let parts = text.dropFirst().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let name = trimmed(parts[0]).lowercased()
        return ["syntax", "escape", "check"].contains(name) ? (name, trimmed(parts[1])) : nil
    }

    private static func trimmed(_ text: Substring) -> String {
        let blanks: Set<Character> = [" ", "\t", "\r"]
        let start = text.drop { blanks.contains($0) }
        return String(start.reversed().drop { blanks.contains($0) }.reversed())
    }

    // MARK: Lines

    private mutating func readLines() {
        while next < physicalLines.count {
            guard let line = readLogicalLine() else { continue }
            lines.append(line)
            if let terminator = Heredoc.terminator(in: line) { refuseHeredoc(line, terminator: terminator) }
        }
    }

    /// `nil` for comments and empty lines. Inside a continued instruction both are left out.
    private mutating func readLogicalLine() -> LogicalLine? {
        var characters: [LocatedCharacter] = []
        var continues = true
        while continues, next < physicalLines.count {
            var line = located(physicalLines[next], number: next + 1)
            next += 1
            let firstWord = line.first { !$0.isBlank }
            if firstWord == nil || firstWord?.value == "#" {
                continues = !characters.isEmpty
                continue
            }
            continues = Self.removeContinuation(&line, escape: escape)
            characters += characters.isEmpty ? Array(line.drop { $0.isBlank }) : line
        }
        while characters.last?.isBlank == true { characters.removeLast() }
        return characters.isEmpty ? nil : LogicalLine(characters: characters)
    }

    private func located(_ text: String, number: Int) -> [LocatedCharacter] {
        text.enumerated().map { LocatedCharacter(value: $1, line: number, column: $0 + 1) }
    }

    /// A line goes on when it ends in one escape character, blanks after it or not; two of them are a character.
    private static func removeContinuation(_ line: inout [LocatedCharacter], escape: Character) -> Bool {
        guard let last = line.lastIndex(where: { !$0.isBlank }), line[last].value == escape else { return false }
        if last > 0, line[last - 1].value == escape { return false }
        line.removeSubrange(last...)
        return true
    }

    // MARK: Heredocs

    /// Says that heredocs are not there yet, and skips the document so that its lines are not read as instructions.
    private mutating func refuseHeredoc(_ line: LogicalLine, terminator: Heredoc) {
        let location = SourceLocation(file: file, line: terminator.line, column: terminator.column)
        let hint = "join the commands by && and \\, or copy a script"
        diagnostics.append(Diagnostic(.error, at: location, "heredocs (<<\(terminator.name)) are not supported yet", hint: hint))
        lines.removeLast()
        guard let end = physicalLines[next...].firstIndex(where: { terminator.ends(at: $0) }) else { return }
        next = end + 1
    }
}

/// A `<<NAME` in an instruction that may carry one.
struct Heredoc: Hashable, Sendable {
    var name: String
    var stripsTabs: Bool
    var line: Int
    var column: Int

    func ends(at line: String) -> Bool {
        (stripsTabs ? String(line.drop { $0 == "\t" }) : line) == name
    }

    /// The first one: a word of digits, `<<`, perhaps `-`, and a name that may be quoted.
    static func terminator(in line: LogicalLine) -> Heredoc? {
        let words = line.characters.split { $0.isBlank }
        guard let keyword = words.first.map({ String($0.map(\.value)).uppercased() }), ["RUN", "COPY", "ADD"].contains(keyword) else {
            return nil
        }
        return words.dropFirst().lazy.compactMap(Self.init(word:)).first
    }

    private init?(word: ArraySlice<LocatedCharacter>) {
        let text = word.drop { $0.value.isASCII && $0.value.isNumber }
        guard let first = text.first, text.starts(with: "<<", by: { $0.value == $1 }) else { return nil }
        var name = String(text.dropFirst(2).map(\.value))
        stripsTabs = name.hasPrefix("-")
        if stripsTabs { name.removeFirst() }
        name.removeAll { $0 == "\"" || $0 == "'" }
        guard let start = name.first, start.isLetter || start == "_", !name.contains("<") else { return nil }
        self.name = name
        line = first.line
        column = first.column
    }
}
