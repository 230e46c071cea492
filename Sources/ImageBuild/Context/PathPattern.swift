/// A pattern of paths, of the kind that `.dockerignore` and the sources of COPY use.
///
/// `*` any text without a slash, `?` one character, `[a-z]` and `[^a-z]` classes, `\` takes the next
/// character as it is. In `.dockerignore` also `**`: any number of folders, none too; at the pattern's end, and alone
/// before plain text at its beginning, any text.
///
/// Source: Go `path.Match`; `github.com/moby/patternmatcher` for `**`.
/// Matching takes time in proportion to pattern times path: nothing is tried twice.
struct PathPattern: Hashable, Sendable {
    private enum Token: Hashable, Sendable {
        case byte(UInt8)
        case anyOne
        /// `*`
        case anyInComponent
        /// `**`
        case anything
        /// `**/`: leads to the loop behind it, or past that.
        case anyFolders
        /// Any text, left at a slash.
        case folderLoop
        case oneOf([ClosedRange<UInt8>], negated: Bool)
    }

    private var tokens: [Token] = []

    /// `nil` when a class is not closed or the pattern ends in the middle of an escape.
    init?(_ text: String, crossesFolders: Bool) {
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard let token = Self.token(byte, &rest, crossesFolders: crossesFolders, isAtStart: tokens.isEmpty) else { return nil }
            tokens.append(token)
            if token == .anyFolders { tokens.append(.folderLoop) }
        }
    }

    private static func isLiteral(_ rest: ArraySlice<UInt8>) -> Bool { !rest.contains { "*?[]\\".utf8.contains($0) } }

    private static func token(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>, crossesFolders: Bool, isAtStart: Bool) -> Token? {
        switch byte {
        case UInt8(ascii: "*") where crossesFolders && rest.first == byte:
            rest.removeFirst()
            if rest.first == UInt8(ascii: "/") { rest.removeFirst() } else if isAtStart, isLiteral(rest) { return .anything }
            return rest.isEmpty ? .anything : .anyFolders
        case UInt8(ascii: "*"): return .anyInComponent
        case UInt8(ascii: "?"): return .anyOne
        case UInt8(ascii: "["): return characterClass(&rest)
        case UInt8(ascii: "\\"): return rest.popFirst().map(Token.byte)
        default: return .byte(byte)
        }
    }

    private static func characterClass(_ rest: inout ArraySlice<UInt8>) -> Token? {
        let negated = rest.first == UInt8(ascii: "^")
        if negated { rest.removeFirst() }
        var ranges: [ClosedRange<UInt8>] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "]"), !ranges.isEmpty { return .oneOf(ranges, negated: negated) }
            guard let low = literal(byte, &rest) else { return nil }
            guard rest.first == UInt8(ascii: "-"), rest.dropFirst().first != UInt8(ascii: "]") else {
                ranges.append(low...low)
                continue
            }
            rest.removeFirst()
            guard let next = rest.popFirst(), let high = literal(next, &rest), low <= high else { return nil }
            ranges.append(low...high)
        }
        return nil
    }

    private static func literal(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> UInt8? {
        byte == UInt8(ascii: "\\") ? rest.popFirst() : byte
    }

    /// The text that every match begins with, and whether it is the whole pattern.
    var literalPrefix: (text: String, isWhole: Bool) {
        var bytes: [UInt8] = []
        for token in tokens {
            guard case .byte(let byte) = token else { return (String(decoding: bytes, as: UTF8.self), false) }
            bytes.append(byte)
        }
        return (String(decoding: bytes, as: UTF8.self), true)
    }

    /// Whether the whole path matches.
    func matches(_ path: some StringProtocol) -> Bool {
        var states = [Bool](repeating: false, count: tokens.count + 1)
        states[0] = true
        skipEmpty(&states)
        for byte in path.utf8 {
            states = step(states, byte)
            if !states.contains(true) { return false }
        }
        return states[tokens.count]
    }

    /// Adds the states that are reached without a character.
    private func skipEmpty(_ states: inout [Bool]) {
        for index in tokens.indices where states[index] {
            switch tokens[index] {
            case .anyInComponent, .anything: states[index + 1] = true
            case .anyFolders:
                states[index + 1] = true
                states[index + 2] = true
            case .byte, .anyOne, .folderLoop, .oneOf: break
            }
        }
    }

    private func step(_ states: [Bool], _ byte: UInt8) -> [Bool] {
        var next = [Bool](repeating: false, count: states.count)
        let isSlash = byte == UInt8(ascii: "/")
        for index in tokens.indices where states[index] {
            switch tokens[index] {
            case .byte(let expected): if byte == expected { next[index + 1] = true }
            case .anyOne: if !isSlash { next[index + 1] = true }
            case .anyInComponent: if !isSlash { next[index] = true }
            case .anything: next[index] = true
            case .anyFolders: break
            case .folderLoop:
                next[index] = true
                if isSlash { next[index + 1] = true }
            case .oneOf(let ranges, let negated):
                if !isSlash, ranges.contains(where: { $0.contains(byte) }) != negated { next[index + 1] = true }
            }
        }
        skipEmpty(&next)
        return next
    }
}
