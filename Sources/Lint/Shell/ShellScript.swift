/// A shell script cut into its commands, those inside others too: substitutions, and what `sh -c` is given.
///
/// It is no shell: it looks for what most likely runs. What is too deep or unclear is left as words.
///
/// Source: POSIX.1-2024, Shell Command Language, sections 2.2 to 2.6.
struct ShellScript: Hashable, Sendable {
    /// In the order of the script; an inner command stands before the one that holds it.
    private(set) var commands: [ShellCommand] = []

    static let deepest = 8

    init(_ text: String) { self.init(text, depth: 0) }

    fileprivate init(_ text: String, depth: Int) {
        var reader = ShellReader(text, depth: depth)
        for (command, inner) in reader.commands() {
            commands += inner + [command]
            if let script = command.script, depth < Self.deepest { commands += ShellScript(script, depth: depth + 1).commands }
        }
    }
}

/// Reads the characters of a script.
private struct ShellReader {
    private let text: [Character]
    private let depth: Int
    private var position = 0
    private var found: [(command: ShellCommand, inner: [ShellCommand])] = []
    private var current = ShellCommand()
    private var inner: [ShellCommand] = []
    private var word: String?
    private var wordIsQuoted = false
    private var redirectsNext = false

    init(_ text: String, depth: Int) {
        self.text = Array(text)
        self.depth = depth
    }

    mutating func commands() -> [(command: ShellCommand, inner: [ShellCommand])] {
        while position < text.count { step(text[position]) }
        endCommand(isPiped: false)
        return found
    }

    private mutating func step(_ character: Character) {
        switch character {
        case "\\": escape()
        case "'": singleQuoted()
        case "\"": doubleQuoted()
        case "$" where peek(1) == "(": substitution(openLength: 2)
        case "<" where peek(1) == "(": substitution(openLength: 2)
        case "`": backquoted()
        case "#" where word == nil: skipComment()
        case ">", "<": redirect()
        case "|": separate(isPiped: peek(1) != "|")
        case "&" where peek(1) == ">": redirect()
        case ";", "&", "\n", "(", ")": separate(isPiped: false)
        case " ", "\t", "\r": take { $0.endWord() }
        default: take { $0.append(character) }
        }
    }

    private func peek(_ distance: Int) -> Character? { position + distance < text.count ? text[position + distance] : nil }

    private mutating func take(_ body: (inout Self) -> Void) {
        body(&self)
        position += 1
    }

    private mutating func append(_ character: Character) { append(String(character)) }

    /// In place: a word may be as long as the script.
    private mutating func append(_ text: String) {
        if word == nil { word = "" }
        word?.append(text)
    }

    private mutating func escape() {
        if let next = peek(1), next != "\n" { append(next) }
        position += 2
    }

    private mutating func singleQuoted() {
        wordIsQuoted = true
        word = word ?? ""
        position += 1
        while position < text.count, text[position] != "'" { take { $0.append($0.text[$0.position]) } }
        position += 1
    }

    private mutating func doubleQuoted() {
        wordIsQuoted = true
        word = word ?? ""
        position += 1
        while position < text.count, text[position] != "\"" {
            switch text[position] {
            case "\\": escape()
            case "$" where peek(1) == "(": substitution(openLength: 2)
            case "`": backquoted()
            default: take { $0.append($0.text[$0.position]) }
            }
        }
        position += 1
    }

    /// `$(…)` or `<(…)`, taken into the word as it is written; its commands are found too.
    private mutating func substitution(openLength: Int) {
        let start = position
        var level = 0
        while position < text.count {
            if text[position] == "(" { level += 1 }
            if text[position] == ")" { level -= 1 }
            position += 1
            if level == 0, position > start + openLength - 1 { break }
        }
        let whole = String(text[start..<position])
        append(whole)
        addInner(String(whole.dropFirst(openLength).dropLast()))
    }

    private mutating func backquoted() {
        let start = position + 1
        position = start
        while position < text.count, text[position] != "`" { position += 1 }
        let script = String(text[min(start, text.count)..<position])
        position += 1
        append("$(\(script))")
        addInner(script)
    }

    private mutating func addInner(_ script: String) {
        guard depth < ShellScript.deepest else { return }
        inner += ShellScript(script, depth: depth + 1).commands
    }

    private mutating func skipComment() { while position < text.count, text[position] != "\n" { position += 1 } }

    private mutating func redirect() {
        // The number before it is a descriptor.
        if word?.allSatisfy(\.isNumber) == true, !wordIsQuoted { word = nil }
        endWord()
        while position < text.count, "<>&-".contains(text[position]) { position += 1 }
        redirectsNext = true
    }

    private mutating func separate(isPiped: Bool) {
        endCommand(isPiped: isPiped)
        while position < text.count, ";&|\n()".contains(text[position]) { position += 1 }
    }

    private mutating func endWord() {
        defer { (word, wordIsQuoted) = (nil, false) }
        guard let word else { return }
        if redirectsNext {
            redirectsNext = false
            return current.redirections.append(word)
        }
        guard current.words.isEmpty, !wordIsQuoted else { return current.words.append(word) }
        if Self.leading.contains(word) { return }
        if Self.isAssignment(word) { return current.assignments.append(word) }
        current.words.append(word)
    }

    private mutating func endCommand(isPiped: Bool) {
        endWord()
        redirectsNext = false
        current.isPiped = isPiped
        current.dropWrappers()
        if !current.words.isEmpty || !current.assignments.isEmpty { found.append((current, inner)) }
        (current, inner) = (ShellCommand(), [])
    }

    /// Words that may stand before a command and are none.
    private static let leading: Set<String> = ["if", "then", "elif", "else", "while", "until", "do", "!", "{", "}", "time", "fi", "done"]

    private static func isAssignment(_ word: String) -> Bool {
        guard let equals = word.firstIndex(of: "="), let first = word.first, first.isLetter || first == "_" else { return false }
        return word[..<equals].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }
}

extension ShellCommand {
    /// Programs that start another one with the arguments that follow.
    private static let wrappers: Set<String> = [
        "sudo", "exec", "command", "env", "nice", "nohup", "eatmydata", "tini", "dumb-init", "gosu", "su-exec",
    ]

    /// Leaves what a wrapper starts in the end: `sudo -E env A=b apt-get update` is `apt-get update`.
    fileprivate mutating func dropWrappers() {
        while Self.wrappers.contains(name), words.count > 1 {
            let takesUser = name == "gosu" || name == "su-exec"
            var rest = words.dropFirst(takesUser ? 2 : 1)
            while let next = rest.first, next.hasPrefix("-") || next.contains("=") { rest = rest.dropFirst() }
            guard !rest.isEmpty else { return }
            replacesShell = replacesShell || name == "exec"
            words = Array(rest)
        }
    }
}
