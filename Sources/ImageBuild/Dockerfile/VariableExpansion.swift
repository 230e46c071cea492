/// Resolves quotes, escapes and variables of a word, as the shell would, without running anything.
///
/// `$name`, `${name}`, `${name:-word}`, `${name-word}`, `${name:+word}`, `${name+word}`, `${name:?word}` and
/// `${name?word}`. A variable that is not set is empty.
///
/// Source: Dockerfile reference, "Environment replacement".
public struct VariableExpansion: Sendable {
    public var variables: [String: String]
    public var escape: Character

    /// The longest text that an expansion may have: words that double themselves must not eat the memory.
    public static let largestLength = 1 << 20
    /// How deep `${a:-${b:-…}}` may go.
    static let largestDepth = 64

    public init(_ variables: [String: String], escape: Character = "\\") {
        self.variables = variables
        self.escape = escape
    }

    public struct Failure: Error, Hashable, CustomStringConvertible {
        public var message: String
        public var description: String { message }
    }

    public func expand(_ raw: String) throws(Failure) -> String {
        var reader = Reader(expansion: self, rest: raw[...])
        return try reader.text(until: nil, depth: 0)
    }

    private struct Reader {
        let expansion: VariableExpansion
        var rest: Substring

        mutating func text(until end: Character?, depth: Int) throws(Failure) -> String {
            guard depth <= VariableExpansion.largestDepth else { throw Failure(message: "variables are nested too deeply") }
            var result = ""
            while let character = rest.popFirst() {
                switch character {
                case end: return result
                case "'": result += try singleQuoted()
                case "\"": result += try doubleQuoted(depth: depth)
                case "$": result += try variable(depth: depth)
                case expansion.escape: if let literal = rest.popFirst() { result.append(literal) }
                default: result.append(character)
                }
                try check(result)
            }
            if let end { throw Failure(message: "a '\(end)' is missing at the end of a variable") }
            return result
        }

        private func check(_ text: String) throws(Failure) {
            guard text.utf8.count <= VariableExpansion.largestLength else {
                throw Failure(message: "the text is longer than \(VariableExpansion.largestLength) bytes after its variables are filled in")
            }
        }

        private mutating func singleQuoted() throws(Failure) -> String {
            guard let end = rest.firstIndex(of: "'") else { throw Failure(message: "a ' is not closed") }
            let text = rest[..<end]
            rest = rest[rest.index(after: end)...]
            return String(text)
        }

        private mutating func doubleQuoted(depth: Int) throws(Failure) -> String {
            var result = ""
            while let character = rest.popFirst() {
                switch character {
                case "\"": return result
                case "$": result += try variable(depth: depth)
                case expansion.escape: result += escapedInQuotes()
                default: result.append(character)
                }
                try check(result)
            }
            throw Failure(message: "a \" is not closed")
        }

        /// Between double quotes the escape character is itself, but before `"`, `$` and itself.
        private mutating func escapedInQuotes() -> String {
            guard let next = rest.first, next == "\"" || next == "$" || next == expansion.escape else {
                return String(expansion.escape)
            }
            rest.removeFirst()
            return String(next)
        }

        private mutating func variable(depth: Int) throws(Failure) -> String {
            guard rest.first == "{" else {
                let name = readName()
                return name.isEmpty ? "$" : expansion.variables[name] ?? ""
            }
            rest.removeFirst()
            let name = readName()
            guard !name.isEmpty else { throw Failure(message: "a variable without a name: ${\(rest.prefix(10))") }
            return try modified(name, depth: depth)
        }

        /// What stands behind the name in `${name…}`.
        private mutating func modified(_ name: String, depth: Int) throws(Failure) -> String {
            guard let first = rest.popFirst() else { throw Failure(message: "a '}' is missing after ${\(name)") }
            if first == "}" { return expansion.variables[name] ?? "" }
            let countsEmptyAsUnset = first == ":"
            let modifier = countsEmptyAsUnset ? rest.popFirst() : first
            guard let modifier, "-+?".contains(modifier) else {
                throw Failure(
                    message: "${\(name)\(countsEmptyAsUnset ? ":" : "")\(modifier.map(String.init) ?? "")…} is not supported yet: "
                        + "only :-, :+, :? and the same without the colon")
            }
            let word = try text(until: "}", depth: depth + 1)
            let value = expansion.variables[name].flatMap { countsEmptyAsUnset && $0.isEmpty ? nil : $0 }
            return try choose(modifier, name: name, value: value, word: word)
        }

        private func choose(_ modifier: Character, name: String, value: String?, word: String) throws(Failure) -> String {
            switch modifier {
            case "-": return value ?? word
            case "+": return value == nil ? "" : word
            default:
                guard let value else { throw Failure(message: "\(name): \(word.isEmpty ? "is not set" : word)") }
                return value
            }
        }

        /// A name of letters, digits and `_`, a number, or one of the shell's special characters.
        private mutating func readName() -> String {
            guard let first = rest.first else { return "" }
            if Self.isLetter(first) { return take { Self.isLetter($0) || Self.isDigit($0) } }
            if Self.isDigit(first) { return take(while: Self.isDigit) }
            guard "@*#".contains(first) else { return "" }
            rest.removeFirst()
            return String(first)
        }

        private mutating func take(while isPart: (Character) -> Bool) -> String {
            let name = rest.prefix(while: isPart)
            rest = rest.dropFirst(name.count)
            return String(name)
        }

        private static func isLetter(_ character: Character) -> Bool {
            character == "_" || ("a"..."z").contains(character) || ("A"..."Z").contains(character)
        }

        private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
    }
}
