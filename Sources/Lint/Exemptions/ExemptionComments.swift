import IngotModel

/// `# ingot: ignore ING-D001 reason`: about the next line that is no comment, with the lines that continue it.
/// In YAML it may also stand at the end of the line that it is about.
public enum ExemptionComments {
    private static let mark = "ingot:"
    private static let verb = "ignore"

    /// - Parameters:
    ///   - continuation: the character at the end of a line that goes on in the next; `nil` where there is none.
    ///   - mayTrail: whether a comment may stand behind something else.
    public static func read(_ lines: [String], file: String, continuation: Character?, mayTrail: Bool) -> [LintExemption] {
        lines.indices.flatMap { index -> [LintExemption] in
            guard let comment = comment(lines[index], mayTrail: mayTrail), let (ids, reason) = parse(comment.text) else { return [] }
            let location = SourceLocation(file: file, line: index + 1, column: comment.column)
            let first = comment.isAlone ? next(after: index, lines) : index
            let covered = first.map { ($0 + 1)...(last(from: $0, lines, continuation) + 1) } ?? (index + 1)...(index + 1)
            return ids.map { LintExemption(id: $0, reason: reason, location: location, lines: covered) }
        }
    }

    private static func comment(_ line: String, mayTrail: Bool) -> (text: Substring, column: Int, isAlone: Bool)? {
        var search = line[...]
        while let hash = search.firstIndex(of: "#") {
            let before = line[..<hash]
            let isAlone = before.allSatisfy(\.isWhitespace)
            guard isAlone || mayTrail else { return nil }
            let text = line[line.index(after: hash)...].drop(while: \.isWhitespace)
            if text.hasPrefix(mark), isAlone || before.last?.isWhitespace == true { return (text, before.count + 1, isAlone) }
            search = line[line.index(after: hash)...]
        }
        return nil
    }

    /// `ingot: ignore ING-D001, ING-D002 reason`
    private static func parse(_ text: Substring) -> (ids: [String], reason: String)? {
        var words = text.dropFirst(mark.count).split(whereSeparator: { $0.isWhitespace || $0 == "," })[...]
        guard words.first == Substring(verb) else { return nil }
        words = words.dropFirst()
        var ids: [String] = []
        while let word = words.first, ids.isEmpty || word.hasPrefix("ING-") {
            ids.append(String(word))
            words = words.dropFirst()
        }
        return (ids.isEmpty ? [""] : ids, words.joined(separator: " "))
    }

    private static func next(after index: Int, _ lines: [String]) -> Int? {
        lines.indices.dropFirst(index + 1).first { number in
            let text = lines[number].drop(while: \.isWhitespace)
            return !text.isEmpty && text.first != "#"
        }
    }

    private static func last(from index: Int, _ lines: [String], _ continuation: Character?) -> Int {
        guard let continuation else { return index }
        var last = index
        while last + 1 < lines.count, isContinued(lines[last], continuation) || (last > index && isComment(lines[last])) { last += 1 }
        return last
    }

    private static func isContinued(_ line: String, _ continuation: Character) -> Bool { line.last { !$0.isWhitespace } == continuation }
    private static func isComment(_ line: String) -> Bool { line.first { !$0.isWhitespace } == "#" }
}
