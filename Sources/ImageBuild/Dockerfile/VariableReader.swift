/// Goes through a word once and puts its variables in place.
struct VariableReader {
    typealias Failure = VariableExpansion.Failure

    private let variables: [String: String]
    private let mostPatternSteps: Int
    private let escape: Unicode.Scalar
    private let keepsQuotes: Bool
    private var rest: Substring.UnicodeScalarView
    private(set) var found: Set<String> = []
    private(set) var missing: Set<String> = []

    init(_ expansion: VariableExpansion, keepsQuotes: Bool, _ raw: String) {
        variables = expansion.variables
        mostPatternSteps = expansion.mostPatternSteps
        escape = expansion.escape.unicodeScalars.first ?? "\\"
        self.keepsQuotes = keepsQuotes
        rest = raw[...].unicodeScalars
    }

    /// - Parameters:
    ///   - end: what ends the text, and is passed over; `nil` for all that is left.
    ///   - keepsEscapes: for patterns, where an escape character has its meaning later.
    mutating func text(until end: Unicode.Scalar?, keepsEscapes: Bool, depth: Int) throws(Failure) -> String {
        guard depth <= VariableExpansion.largestDepth else { throw Failure(message: "variables are nested too deeply") }
        var result = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            switch scalar {
            case end: return String(result)
            case "'" where !keepsQuotes: result.append(contentsOf: try singleQuoted())
            case "\"" where !keepsQuotes: result.append(contentsOf: try doubleQuoted(keepsEscapes: keepsEscapes, depth: depth))
            case "$": result.append(contentsOf: try variable(depth: depth).unicodeScalars)
            case escape:
                if keepsEscapes { result.append(scalar) }
                if let literal = rest.popFirst() { result.append(literal) }
            default: result.append(scalar)
            }
            try check(result)
        }
        if let end { throw Failure(message: "a '\(end)' is missing at the end of a variable") }
        return String(result)
    }

    private func check(_ text: String.UnicodeScalarView) throws(Failure) {
        guard String(text).utf8.count <= VariableExpansion.largestLength else {
            throw Failure(message: "the text is longer than \(VariableExpansion.largestLength) bytes after its variables are filled in")
        }
    }

    private mutating func singleQuoted() throws(Failure) -> Substring.UnicodeScalarView {
        guard let end = rest.firstIndex(of: "'") else { throw Failure(message: "a ' is not closed") }
        let text = rest[..<end]
        rest = rest[rest.index(after: end)...]
        return text
    }

    private mutating func doubleQuoted(keepsEscapes: Bool, depth: Int) throws(Failure) -> String.UnicodeScalarView {
        var result = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return result
            case "$": result.append(contentsOf: try variable(depth: depth).unicodeScalars)
            case escape:
                if keepsEscapes { result.append(scalar) }
                if let next = escapedInQuotes() { result.append(next) }
            default: result.append(scalar)
            }
            try check(result)
        }
        throw Failure(message: "a \" is not closed")
    }

    /// Between double quotes the escape character is itself, but before `"`, `$` and itself.
    private mutating func escapedInQuotes() -> Unicode.Scalar? {
        guard let next = rest.first else { return nil }
        guard next == "\"" || next == "$" || next == escape else { return escape }
        rest.removeFirst()
        return next
    }

    // MARK: Variables

    private mutating func value(_ name: String) -> String? {
        let value = variables[name]
        if value == nil { missing.insert(name) } else { found.insert(name) }
        return value
    }

    private mutating func variable(depth: Int) throws(Failure) -> String {
        guard rest.first == "{" else {
            let name = readName()
            return name.isEmpty ? "$" : value(name) ?? ""
        }
        rest.removeFirst()
        let name = readName()
        guard !name.isEmpty else { throw Failure(message: "a variable without a name: ${\(String(rest.prefix(10)))") }
        return try modified(name, depth: depth)
    }

    /// What stands behind the name in `${name…}`.
    private mutating func modified(_ name: String, depth: Int) throws(Failure) -> String {
        guard var modifier = rest.popFirst() else { throw Failure(message: "a '}' is missing after ${\(name)") }
        if modifier == "}" { return value(name) ?? "" }
        if modifier == "/" { return try replaced(name, depth: depth) }
        let countsEmptyAsUnset = modifier == ":"
        if countsEmptyAsUnset { modifier = rest.popFirst() ?? ":" }
        switch modifier {
        case "-", "+", "?":
            let word = try text(until: "}", keepsEscapes: false, depth: depth + 1)
            let value = value(name).flatMap { countsEmptyAsUnset && $0.isEmpty ? nil : $0 }
            return try choose(modifier, name: name, value: value, word: word)
        case "#", "%":
            let pattern = try text(until: "}", keepsEscapes: true, depth: depth + 1)
            return try trimmed(value(name) ?? "", pattern[...].unicodeScalars, fromEnd: modifier == "%")
        default:
            throw Failure(message: "${\(name)\(countsEmptyAsUnset ? ":" : "")\(modifier)…} is not something a Dockerfile has: use - + ? # % or /")
        }
    }

    private func choose(_ modifier: Unicode.Scalar, name: String, value: String?, word: String) throws(Failure) -> String {
        switch modifier {
        case "-": return value ?? word
        case "+": return value == nil ? "" : word
        default:
            guard let value else { throw Failure(message: "\(name): \(word.isEmpty ? "is not set" : word)") }
            return value
        }
    }

    /// `#` takes away the shortest start that fits, `##` the longest; `%` and `%%` the same at the end.
    private func trimmed(_ value: String, _ pattern: Substring.UnicodeScalarView, fromEnd: Bool) throws(Failure) -> String {
        let isLongest = pattern.first == (fromEnd ? "%" : "#")
        let shell = try ShellPattern(isLongest ? pattern.dropFirst() : pattern, mostSteps: mostPatternSteps)
        return try shell.trim(value, fromEnd: fromEnd, longest: isLongest)
    }

    private mutating func replaced(_ name: String, depth: Int) throws(Failure) -> String {
        let all = rest.first == "/"
        if all { rest.removeFirst() }
        let pattern = try text(until: "/", keepsEscapes: true, depth: depth + 1)
        let replacement = try text(until: "}", keepsEscapes: true, depth: depth + 1)
        let value = value(name) ?? ""
        return try ShellPattern(pattern[...].unicodeScalars, mostSteps: mostPatternSteps).replace(in: value, with: replacement, all: all)
    }

    /// A name of letters, digits and `_`, a number, or one of the shell's special characters.
    private mutating func readName() -> String {
        guard let first = rest.first else { return "" }
        if first.properties.numericType == .decimal { return take { $0.properties.numericType == .decimal } }
        if Self.isPart(first) { return take(while: Self.isPart) }
        guard "@*#?-$!".unicodeScalars.contains(first) else { return "" }
        rest.removeFirst()
        return String(first)
    }

    private mutating func take(while isPart: (Unicode.Scalar) -> Bool) -> String {
        let name = rest.prefix(while: isPart)
        rest = rest[name.endIndex...]
        return String(name)
    }

    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "_" { return true }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: return true
        default: return false
        }
    }
}
