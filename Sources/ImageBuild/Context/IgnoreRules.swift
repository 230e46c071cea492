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

    /// The content of a file of rules.
    ///
    /// - Throws: `BuildError.invalidIgnoreFile` with every mistake.
    init(_ text: String, file: String) throws(BuildError) {
        var diagnostics: [Diagnostic] = []
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count <= Self.mostRules else { throw .tooManyIgnoreRules(file) }
        for (index, line) in lines.enumerated() where line.first != "#" {
            do throws(Mistake) {
                try add(line)
            } catch {
                let location = SourceLocation(file: file, line: index + 1, column: 1)
                diagnostics.append(Diagnostic(.error, at: location, error.message, hint: error.hint))
            }
        }
        guard diagnostics.isEmpty else { throw .invalidIgnoreFile(diagnostics) }
    }

    /// Patterns of a flag, by the same rules; `#` begins no comment there.
    init(patterns: [String], at location: SourceLocation) throws(BuildError) {
        for pattern in patterns {
            do throws(Mistake) {
                try add(pattern[...])
            } catch {
                throw BuildError("invalid-pattern", at: location, error.message, hint: error.hint)
            }
        }
    }

    private struct Mistake: Error {
        var message: String
        var hint: String
    }

    private mutating func add(_ line: Substring) throws(Mistake) {
        let isBlank = { (character: Character) in character == " " || character == "\t" || character == "\r" || character == "\r\n" }
        var text = Substring(line.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
        let includes = text.first == "!"
        if includes {
            text = text.dropFirst().drop(while: isBlank)
            if text.isEmpty { throw Mistake(message: "a '!' alone takes nothing back", hint: "write what it takes back behind it") }
        }
        // What lies above the context fits nothing in it.
        guard let path = RelativePath.inside(String(text)), !path.isEmpty else { return }
        guard let pattern = PathPattern(path, crossesFolders: true) else {
            throw Mistake(message: "'\(path.prefix(80))' is not a pattern", hint: "close the [ or write \\[")
        }
        rules.append(Rule(pattern: pattern, includes: includes, prefix: pattern.literalPrefix))
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
            if !verdict.matched[index] {
                // A rule that would change nothing here is not asked, and so holds for nothing below either.
                guard rule.includes == verdict.isIgnored else { continue }
                verdict.matched[index] = rule.matches(path)
            }
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

    /// As `clean`; `nil` for a relative path that climbs above its folder.
    static func inside(_ path: String) -> String? {
        guard !path.hasPrefix("/") else { return clean(path) }
        var depth = 0
        for part in path.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return nil }
        }
        return clean(path)
    }

    static func parts(_ path: String) -> [String] {
        var parts: [String] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return parts
    }
}
