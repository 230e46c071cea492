/// Keys below `packages:`: `/name/1.0.0`, `/name@1.0.0`, `name@1.0.0(peer@2)`. Source: pnpm, "lockfile" specifications 5 to 9.
///
/// pnpm writes one form only, with two blanks for each level. What is written otherwise is a problem, not an empty list.
enum PnpmLock {
    static func read(_ bytes: [UInt8]) -> Materials {
        var materials = Materials()
        var isOne = false
        var isInside = false
        var last: Depth = .none
        for line in ByteLines(bytes) {
            guard let first = line.first, line.trimmed.first.map({ $0 != UInt8(ascii: "#") }) ?? false else { continue }
            if first != 32 {
                let text = line.text
                isOne = isOne || text.hasPrefix("lockfileVersion:")
                isInside = text == "packages:"
                last = .none
                if text.hasPrefix("packages:"), !isInside, text != "packages: {}" { materials.addProblem("its packages are not a line each") }
            } else if isInside {
                last = depth(line, after: last)
                guard last != .unknown else {
                    materials.addProblem("a line below its packages is neither a key nor below one")
                    isInside = false
                    continue
                }
                if last == .key { add(line, to: &materials) }
            }
        }
        if !isOne { materials.addProblem("it is not a lock file of pnpm") }
        return materials
    }

    private enum Depth { case none, key, below, unknown }

    private static func depth(_ line: ArraySlice<UInt8>, after last: Depth) -> Depth {
        switch line.prefix(while: { $0 == 32 }).count {
        case 2: .key
        case 3...: last == .none ? .unknown : .below
        default: .unknown
        }
    }

    private static func add(_ line: ArraySlice<UInt8>, to materials: inout Materials) {
        guard line.last == UInt8(ascii: ":"), let key = parts(line.dropLast().trimmed.text) else {
            return materials.addProblem("a key below its packages names no package")
        }
        // What comes from a folder, a repository or an address has no version of the registry.
        guard key.version.first?.isNumber == true else { return }
        materials.add(Package(ecosystem: .npm, name: key.name, version: key.version))
    }

    private static func parts(_ key: String) -> (name: String, version: String)? {
        let text = key.filter { $0 != "'" && $0 != "\"" }.drop { $0 == "/" }.prefix { $0 != "(" }
        let at = text.dropFirst().lastIndex(of: "@")
        guard let separator = at ?? text.lastIndex(of: "/") ?? text.lastIndex(of: ":") else { return nil }
        return (String(text[..<separator]), String(text[text.index(after: separator)...].prefix { $0 != "_" }))
    }
}
