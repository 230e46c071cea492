import IngotModel

/// What the comments at the very top of a Dockerfile say: `# syntax=…`, `# escape=…`, `# check=…`.
///
/// Source: Dockerfile reference, "Parser directives".
public struct DockerfileDirectives: Hashable, Sendable {
    /// The frontend that the author had in mind. It is read, never fetched: this builder has one language.
    public var syntax: String?
    public var escape: Character = "\\"
    public var check = CheckOptions()

    static let names = ["syntax", "escape", "check"]
}

/// `skip=JSONArgsRecommended,StageNameCasing;error=true`, or `skip=all`.
public struct CheckOptions: Hashable, Sendable {
    public var skipped: Set<String> = []
    public var skipsAll = false
    /// Whether a warning of a check ends the build.
    public var isError = false
    /// Experimental checks that run too, by name; `all` for every one.
    public var experimental: Set<String> = []

    public init() {}

    /// - Returns: `nil` when the text has another form.
    public init?(text: String) {
        for part in text.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
            guard pair.count == 2 else { return nil }
            let values = Set(pair[1].split(separator: ",").map(Self.trimmed))
            switch pair[0] {
            case "skip" where values == ["all"]: skipsAll = true
            case "skip": skipped = values
            case "experimental": experimental = values
            case "error":
                guard let value = DockerfileBool.parse(pair[1]) else { return nil }
                isError = value
            default: return nil
            }
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}

/// Source: Go's `strconv.ParseBool`.
enum DockerfileBool {
    static func parse(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": true
        case "0", "f", "F", "FALSE", "false", "False": false
        default: nil
        }
    }
}
