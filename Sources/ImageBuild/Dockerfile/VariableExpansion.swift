/// Resolves quotes, escapes and variables of a word, as the shell would, without running anything.
///
/// `$name`, `${name}`, `${name:-word}`, `${name:+word}`, `${name:?word}`, the same without the colon, `${name#pattern}`,
/// `##`, `%`, `%%`, `${name/pattern/text}` and `${name//pattern/text}`. A variable that is not set is empty.
///
/// Source: Dockerfile reference, "Environment replacement"; where it is silent, BuildKit's `shell.Lex`.
public struct VariableExpansion: Sendable {
    public var variables: [String: String]
    public var escape: Character

    /// The longest text that an expansion may have: words that double themselves must not eat the memory.
    public static let largestLength = 1 << 20
    /// How deep `${a:-${b:-…}}` may go.
    static let largestDepth = 64
    /// How many comparisons one pattern may take.
    var mostPatternSteps = 1_000_000

    public init(_ variables: [String: String], escape: Character = "\\") {
        self.variables = variables
        self.escape = escape
    }

    public struct Failure: Error, Hashable, CustomStringConvertible {
        public var message: String
        public var description: String { message }
    }

    /// A text without variables, and the names it had.
    struct Reading: Hashable {
        var text: String
        var found: Set<String>
        var missing: Set<String>
    }

    public func expand(_ raw: String) throws(Failure) -> String { try read(raw).text }

    /// The content of a document of COPY or ADD: quotes are characters like others there, and the escape character is `\`.
    public func expandDocument(_ content: String) throws(Failure) -> String {
        var expansion = self
        expansion.escape = "\\"
        return try expansion.read(content, keepsQuotes: true).text
    }

    func read(_ raw: String, keepsQuotes: Bool = false) throws(Failure) -> Reading {
        var reader = VariableReader(self, keepsQuotes: keepsQuotes, raw)
        let text = try reader.text(until: nil, keepsEscapes: false, depth: 0)
        return Reading(text: text, found: reader.found, missing: reader.missing)
    }
}
