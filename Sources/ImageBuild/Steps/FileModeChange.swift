/// What `--chmod` makes of a mode: octal digits, or the letters of chmod(1), such as `u=rwX,go=rX`.
///
/// Letters without `u`, `g`, `o` or `a` before them are held back by the umask that builds have, 022.
/// Source: chmod(1); BuildKit, `--chmod`.
struct FileModeChange: Hashable, Sendable {
    /// As it was written, for keys.
    let text: String
    private let kind: Kind

    private enum Kind: Hashable, Sendable {
        case octal(UInt16)
        case symbolic([Operation])
    }

    fileprivate struct Operation: Hashable, Sendable {
        /// As nine bits, three for each of user, group and others.
        var who: UInt16
        var isForAll: Bool
        var sign: Character
        var permissions: Substring
    }

    fileprivate static let umask: UInt16 = 0o022
    private static let longest = 256

    /// `nil` when the text is no mode.
    init?(_ text: String) {
        self.text = text
        guard (1...Self.longest).contains(text.utf8.count) else { return nil }
        if text.utf8.allSatisfy({ (48...57).contains($0) }) {
            guard let mode = UInt32(text, radix: 8), mode <= 0o7777 else { return nil }
            kind = .octal(UInt16(mode))
        } else {
            guard let operations = Self.operations(text) else { return nil }
            kind = .symbolic(operations)
        }
    }

    private static func operations(_ text: String) -> [Operation]? {
        var operations: [Operation] = []
        for clause in text.split(separator: ",", omittingEmptySubsequences: false) {
            let letters = clause.prefix { "ugoa".contains($0) }
            var rest = clause[letters.endIndex...]
            guard !rest.isEmpty else { return nil }
            while let sign = rest.popFirst() {
                guard "+-=".contains(sign) else { return nil }
                let permissions = rest.prefix { !"+-=".contains($0) }
                let isCopy = permissions.count == 1 && "ugo".contains(permissions)
                guard isCopy || permissions.allSatisfy({ "rwxXst".contains($0) }) else { return nil }
                rest = rest[permissions.endIndex...]
                operations.append(Operation(who: who(letters), isForAll: letters.isEmpty, sign: sign, permissions: permissions))
            }
        }
        return operations
    }

    private static func who(_ letters: Substring) -> UInt16 {
        let all = letters.isEmpty || letters.contains("a")
        return (all || letters.contains("u") ? 0o700 : 0) | (all || letters.contains("g") ? 0o070 : 0) | (all || letters.contains("o") ? 0o007 : 0)
    }

    /// Whether every file gets the same mode, whatever it had.
    var isAbsolute: Bool { if case .octal = kind { true } else { false } }

    func applied(to mode: UInt16, isFolder: Bool) -> UInt16 {
        switch kind {
        case .octal(let mode): mode
        case .symbolic(let operations): operations.reduce(mode) { $1.applied(to: $0, isFolder: isFolder) }
        }
    }
}

extension FileModeChange.Operation {
    fileprivate func applied(to mode: UInt16, isFolder: Bool) -> UInt16 {
        let bits = permissionBits(mode, isFolder: isFolder) | specialBits
        switch sign {
        case "+": return mode | bits
        case "-": return mode & ~bits
        default: return mode & ~cleared | bits
        }
    }

    private func permissionBits(_ mode: UInt16, isFolder: Bool) -> UInt16 {
        var three: UInt16 = 0
        for letter in permissions {
            switch letter {
            case "r": three |= 4
            case "w": three |= 2
            case "x": three |= 1
            case "X": if isFolder || mode & 0o111 != 0 { three |= 1 }
            case "u": three |= mode >> 6 & 7
            case "g": three |= mode >> 3 & 7
            case "o": three |= mode & 7
            default: break
            }
        }
        let bits = (three << 6 | three << 3 | three) & who
        return isForAll ? bits & ~FileModeChange.umask : bits
    }

    private var specialBits: UInt16 {
        var bits: UInt16 = 0
        if permissions.contains("s") { bits |= (who & 0o700 != 0 ? 0o4000 : 0) | (who & 0o070 != 0 ? 0o2000 : 0) }
        if permissions.contains("t"), who & 0o007 != 0 { bits |= 0o1000 }
        return bits
    }

    /// What `=` takes away first.
    private var cleared: UInt16 {
        who | (who & 0o700 != 0 ? 0o4000 : 0) | (who & 0o070 != 0 ? 0o2000 : 0) | (who & 0o007 != 0 ? 0o1000 : 0)
    }
}
