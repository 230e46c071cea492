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
    /// The comment on the line before.
    var comment: String?
    /// The number of the first empty line inside.
    var emptyLine: Int?
}

/// The lines of a Dockerfile before their meaning: parser directives read, continued lines joined, documents cut out.
///
/// Source: Dockerfile reference, "Format", "Parser directives", "Escape" and "Here-Documents".
struct DockerfileSource: Sendable {
    var directives = DockerfileDirectives()
    var diagnostics: [Diagnostic] = []

    private let file: String
    /// Without the line feed; a carriage return before it is kept, for documents.
    private let physicalLines: [Substring]
    private var next = 0

    init(_ text: String, file: String) {
        self.file = file
        let withoutMark = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        physicalLines = withoutMark.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Substring.init)
        readDirectives()
    }

    /// The text of a line without its end.
    private static func withoutEnd(_ line: Substring) -> Substring {
        let end = line.utf8.lastIndex { $0 != UInt8(ascii: "\r") }.map { line.utf8.index(after: $0) } ?? line.startIndex
        return line[..<end]
    }

    // MARK: Directives

    /// Directives stand before everything else, also before a comment or an empty line. A `#!` line may come first.
    private mutating func readDirectives() {
        if physicalLines.first?.hasPrefix("#!") == true { next = 1 }
        var seen: Set<String> = []
        while next < physicalLines.count, let directive = Self.directive(Self.withoutEnd(physicalLines[next])) {
            let location = SourceLocation(file: file, line: next + 1, column: 1)
            if !seen.insert(directive.name).inserted {
                diagnostics.append(Diagnostic(.error, at: location, "the directive '\(directive.name)' stands twice"))
            }
            read(directive, at: location)
            next += 1
        }
    }

    private mutating func read(_ directive: (name: String, value: String), at location: SourceLocation) {
        let value = directive.value
        switch directive.name {
        case "syntax": directives.syntax = value
        case "escape":
            guard value == "\\" || value == "`", let character = value.first else { return refuse(directive, at: location, hint: "write \\ or `") }
            directives.escape = character
        default:
            guard let options = CheckOptions(text: value) else {
                return refuse(directive, at: location, hint: "write skip=RuleName,RuleName;error=true, or skip=all")
            }
            directives.check = options
        }
    }

    private mutating func refuse(_ directive: (name: String, value: String), at location: SourceLocation, hint: String) {
        let message = "the directive '\(directive.name)' can't be '\(directive.value.prefix(40))'"
        diagnostics.append(Diagnostic(.error, at: location, message, hint: hint))
    }

    private static func directive(_ line: Substring) -> (name: String, value: String)? {
        let text = line.drop { $0.isWhitespace }
        guard text.first == "#" else { return nil }
        let parts = text.dropFirst().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
        guard parts.count == 2, !parts[1].isEmpty else { return nil }
        let name = parts[0].lowercased()
        return DockerfileDirectives.names.contains(name) ? (name, parts[1]) : nil
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }

    // MARK: Lines

    /// The next instruction; `nil` at the end. Inside a continued instruction comments and empty lines are left out.
    mutating func nextLine() -> LogicalLine? {
        var line = LogicalLine(characters: [])
        var continues = true
        while continues, next < physicalLines.count {
            var part = located(Self.withoutEnd(physicalLines[next]), number: next + 1)
            next += 1
            let first = part.first { !$0.isBlank }
            if first == nil || first?.value == "#" {
                skip(part, isComment: first != nil, in: &line)
                continue
            }
            continues = Self.removeContinuation(&part, escape: directives.escape)
            line.characters += line.characters.isEmpty ? Array(part.drop { $0.isBlank }) : part
            if line.characters.isEmpty { continues = true }
        }
        while line.characters.last?.isBlank == true { line.characters.removeLast() }
        return line.characters.isEmpty ? nil : line
    }

    private func skip(_ part: [LocatedCharacter], isComment: Bool, in line: inout LogicalLine) {
        if line.characters.isEmpty {
            let text = Self.trimmed(Substring(String(part.drop { $0.isBlank }.dropFirst().map(\.value))))
            line.comment = isComment && !text.isEmpty ? text : nil
        } else if !isComment, line.emptyLine == nil {
            line.emptyLine = next
        }
    }

    private func located(_ text: Substring, number: Int) -> [LocatedCharacter] {
        text.enumerated().map { LocatedCharacter(value: $1, line: number, column: $0 + 1) }
    }

    /// A line goes on when it ends in one escape character, blanks after it or not; two of them are a character.
    private static func removeContinuation(_ line: inout [LocatedCharacter], escape: Character) -> Bool {
        guard let last = line.lastIndex(where: { !$0.isBlank }), line[last].value == escape else { return false }
        if last > 0, line[last - 1].value == escape { return false }
        line.removeSubrange(last...)
        return true
    }

    // MARK: Documents

    /// The lines from here to the marker's name, which is passed over; a mistake when no line says it.
    mutating func readDocument(_ marker: HereDocumentMarker) -> HereDocument {
        let location = SourceLocation(file: file, line: next + 1, column: 1)
        guard let end = physicalLines[next...].firstIndex(where: { marker.ends(at: Self.withoutEnd($0)) }) else {
            next = physicalLines.count
            let message = "the document '\(marker.name.prefix(40))' has no end"
            diagnostics.append(
                Diagnostic(.error, at: marker.location, message, hint: "a line after it has to be \(marker.name.prefix(40)) and nothing else"))
            return HereDocument(name: marker.name, content: "", expands: marker.expands, location: location)
        }
        let lines = physicalLines[next..<end].map { marker.stripsTabs ? $0.drop { $0 == "\t" } : $0 }
        next = end + 1
        return HereDocument(
            name: marker.name, content: lines.map { $0 + "\n" }.joined(), expands: marker.expands, location: location)
    }
}
