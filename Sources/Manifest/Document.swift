import IngotModel
import Yams

/// A YAML file that is being read: its text, for locations, and the mistakes found so far.
final class Document {
    /// The largest file that is read. A description of one service that is longer than this is a mistake.
    static let sizeLimit = ByteSize.mebibytes(1)
    /// How often one file may refer to an anchor. Each reference may double what it refers to, so a few dozen of them
    /// in a row would fill any memory.
    static let aliasLimit = 32
    /// How many mistakes are told; a thousandth one helps nobody.
    static let diagnosticLimit = 100

    let file: String
    private let lines: [Substring]
    private(set) var diagnostics: [Diagnostic] = []

    init(text: String, file: String) {
        self.file = file
        lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// What was found, in the order of the file.
    var sortedDiagnostics: [Diagnostic] {
        diagnostics.enumerated().sorted { left, right in
            let (first, second) = (left.element.location, right.element.location)
            return (first.line, first.column, left.offset) < (second.line, second.column, right.offset)
        }.map(\.element)
    }

    func error(at location: SourceLocation, _ message: String, hint: String? = nil) {
        report(Diagnostic(.error, at: location, message, hint: hint))
    }

    func warning(at location: SourceLocation, _ message: String, hint: String? = nil) {
        report(Diagnostic(.warning, at: location, message, hint: hint))
    }

    /// The same mistake at the same place is told once: an alias leads to its anchor's place each time.
    private func report(_ diagnostic: Diagnostic) {
        guard diagnostics.count < Self.diagnosticLimit, !diagnostics.contains(diagnostic) else { return }
        diagnostics.append(diagnostic)
    }

    var beginning: SourceLocation { SourceLocation(file: file, line: 1, column: 1) }

    func location(_ node: Node) -> SourceLocation { node.mark.map(location) ?? beginning }

    /// libYAML counts columns in Unicode scalars; people and editors count characters.
    func location(_ mark: Mark) -> SourceLocation {
        guard lines.indices.contains(mark.line - 1) else {
            return SourceLocation(file: file, line: max(1, mark.line), column: max(1, mark.column))
        }
        let before = String.UnicodeScalarView(lines[mark.line - 1].unicodeScalars.prefix(mark.column - 1))
        return SourceLocation(file: file, line: mark.line, column: String(before).count + 1)
    }

    // MARK: Composing

    /// The root of the file's one document; `nil` when there is none, which has been reported.
    static func compose(_ text: String, file: String) -> (document: Document, root: Node?) {
        guard text.utf8.count <= sizeLimit.bytes else {
            let document = Document(text: "", file: file)
            document.error(at: document.beginning, "the file has \(ByteSize(text.utf8.count)); at most \(sizeLimit) are read")
            return (document, nil)
        }
        let document = Document(text: text, file: file)
        guard document.aliasesAreFew() else { return (document, nil) }
        do {
            // What a scalar means is for its key to say; Yams' own guesses are regular expressions, and would be compiled in every command.
            return (document, try Yams.compose(yaml: text, .basic))
        } catch {
            document.report(error)
            return (document, nil)
        }
    }

    private func aliasesAreFew() -> Bool {
        var count = 0
        for (number, line) in lines.enumerated() {
            var previous: Character = " "
            for (column, character) in line.enumerated() {
                if character == "*", " \t[{,:?-".contains(previous) { count += 1 }
                previous = character
                guard count > Self.aliasLimit else { continue }
                error(
                    at: SourceLocation(file: file, line: number + 1, column: column + 1),
                    "more than \(Self.aliasLimit) references to anchors", hint: "write the values out")
                return false
            }
        }
        return true
    }

    private func report(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let where_ = context.map { " (\($0.text), line \($0.mark.line))" } ?? ""
            self.error(at: location(mark), "not YAML: \(problem)\(where_)", hint: Self.hint(for: problem))
        case .reader(let problem, let offset, _, _):
            self.error(at: location(offset: offset ?? 0), "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            self.error(
                at: location(ofSecond: key, after: context.mark), "'\(key)' is given twice",
                hint: "the first one is in line \(context.mark.line)")
        default:
            self.error(at: beginning, "not YAML: \(error)")
        }
    }

    /// What libYAML's words mean to somebody who has not read its source.
    private static let hints: [(problem: String, hint: String)] = [
        ("tab character", "YAML is indented with spaces"),
        ("cannot start any token", "YAML is indented with spaces, and a text that begins with @, ` or % needs quotes"),
        ("mapping values are not allowed", "is the line before indented differently, or does a text with ': ' in it lack quotes?"),
        ("did not find expected key", "is this line indented like those around it?"),
    ]

    private static func hint(for problem: String) -> String? {
        hints.first { problem.contains($0.problem) }?.hint
    }

    private func location(offset: Int) -> SourceLocation {
        var rest = offset
        for (number, line) in lines.enumerated() {
            guard rest > line.count else { return SourceLocation(file: file, line: number + 1, column: rest + 1) }
            rest -= line.count + 1
        }
        return beginning
    }

    /// Yams says where a repeated key stands first; people want to see the other one.
    private func location(ofSecond key: String, after mark: Mark) -> SourceLocation {
        let first = location(mark)
        for number in lines.indices.dropFirst(mark.line) {
            let line = lines[number]
            guard line.prefix(first.column - 1).allSatisfy({ $0 == " " || $0 == "-" }) else { continue }
            let rest = line.dropFirst(first.column - 1)
            if rest.hasPrefix(key), rest.dropFirst(key.count).drop(while: { $0 == " " }).first == ":" {
                return SourceLocation(file: file, line: number + 1, column: first.column)
            }
        }
        return first
    }
}
