import IngotModel

/// What `.dockerignore` leaves out of the context. The last rule that fits a path, or a folder above it, decides.
///
/// Source: Dockerfile reference, ".dockerignore file"; `github.com/moby/patternmatcher`.
struct IgnoreRules: Sendable {
    /// The largest file of rules, and the most rules, that are read.
    static let largestSize: ByteSize = .mebibytes(1)
    static let mostRules = 10_000

    private struct Rule: Sendable {
        var pattern: PathPattern
        var includes: Bool
        /// What every path it fits begins with, and whether that is all.
        var prefix: (text: String, isWhole: Bool)

        func matches(_ path: String) -> Bool {
            guard path.hasPrefix(prefix.text) else { return false }
            return prefix.isWhole ? path == prefix.text : pattern.matches(path)
        }
    }

    private var rules: [Rule] = []

    /// Leaves nothing out.
    init() {}

    /// - Throws: `BuildError.invalidIgnoreFile` with every mistake.
    init(_ text: String, file: String) throws(BuildError) {
        var diagnostics: [Diagnostic] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).prefix(Self.mostRules).enumerated() {
            guard let (path, includes) = Self.clean(line) else { continue }
            guard let pattern = PathPattern(path, crossesFolders: true) else {
                let location = SourceLocation(file: file, line: index + 1, column: 1)
                diagnostics.append(Diagnostic(.error, at: location, "'\(path.prefix(80))' is not a pattern", hint: "close the [ or write \\["))
                continue
            }
            rules.append(Rule(pattern: pattern, includes: includes, prefix: pattern.literalPrefix))
        }
        guard diagnostics.isEmpty else { throw .invalidIgnoreFile(diagnostics) }
    }

    /// A line without comment, blanks and needless parts; `nil` when nothing is left.
    private static func clean(_ line: Substring) -> (path: String, includes: Bool)? {
        let isBlank = { (character: Character) in character == " " || character == "\t" || character == "\r" || character == "\r\n" }
        guard line.first != "#" else { return nil }
        var text = Substring(line.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
        let includes = text.first == "!"
        if includes { text = text.dropFirst().drop(while: isBlank) }
        let path = RelativePath.clean(String(text))
        return text.isEmpty || path.isEmpty ? nil : (path, includes)
    }

    var isEmpty: Bool { rules.isEmpty }
    /// Whether a rule with `!` takes something back.
    var takesBack: Bool { rules.contains(where: \.includes) }

    /// Which rules fit a path or a folder above it, and what follows from that.
    struct Verdict: Sendable {
        fileprivate var matched: [Bool]
        var isIgnored: Bool
    }

    /// The verdict on the context's own folder.
    var root: Verdict { Verdict(matched: Array(repeating: false, count: rules.count), isIgnored: false) }

    /// - Parameters:
    ///   - path: relative to the context, parts separated by `/`.
    ///   - parent: the verdict on the folder that holds it.
    func verdict(_ path: String, parent: Verdict) -> Verdict {
        var verdict = Verdict(matched: parent.matched, isIgnored: false)
        for (index, rule) in rules.enumerated() {
            if !verdict.matched[index] { verdict.matched[index] = rule.matches(path) }
            if verdict.matched[index] { verdict.isIgnored = !rule.includes }
        }
        return verdict
    }

    /// The verdict on a path alone, its folders judged first.
    func isIgnored(_ path: String) -> Bool {
        var verdict = root
        var folder = ""
        for part in path.split(separator: "/") {
            folder += folder.isEmpty ? String(part) : "/\(part)"
            verdict = self.verdict(folder, parent: verdict)
        }
        return verdict.isIgnored
    }

    /// Whether a rule with `!` may take something back that lies in an ignored folder.
    func mayInclude(below folder: String) -> Bool {
        let below = folder + "/"
        return rules.contains { rule in
            rule.includes && (rule.prefix.text.hasPrefix(below) || (!rule.prefix.isWhole && below.hasPrefix(rule.prefix.text)))
        }
    }
}

/// A path below some folder, as people write it, brought into one form.
enum RelativePath {
    /// Without leading and double slashes, `.` and `..`; what climbs above the folder stays in it. Empty for the folder itself.
    static func clean(_ path: String) -> String {
        parts(path).joined(separator: "/")
    }

    static func parts(_ path: String) -> [String] {
        var parts: [String] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return parts
    }
}
