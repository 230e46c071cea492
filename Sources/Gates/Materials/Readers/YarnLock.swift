/// Both the first form and the later one, which is YAML. Source: Yarn, "yarn.lock"; the first form's grammar is nowhere but in its parser.
enum YarnLock {
    static func read(_ bytes: [UInt8]) -> Materials {
        var reading = Reading()
        for line in ByteLines(bytes) { reading.add(line) }
        reading.end()
        return reading.materials
    }

    private enum Key {
        case package(String)
        /// Of the project itself, or not of the registry.
        case other
    }

    private struct Reading {
        var materials = Materials()
        /// A key whose version has not come yet.
        private var pending: String?
        private var isOne = false

        mutating func add(_ line: ArraySlice<UInt8>) {
            guard let first = line.first else { return }
            let text = line.text
            switch first {
            case UInt8(ascii: "#"): isOne = isOne || text.hasPrefix("# yarn lockfile v")
            case UInt8(ascii: " "):
                guard let name = pending, let version = YarnLock.version(line.trimmed.text) else { return }
                materials.add(Package(ecosystem: .npm, name: name, version: version))
                pending = nil
            default: begin(text)
            }
        }

        mutating func end() {
            endEntry()
            if !isOne { materials.addProblem("it is not a lock file of Yarn") }
        }

        private mutating func begin(_ line: String) {
            // A key of more than 1,024 characters has its colon on a line of its own.
            guard line != ":" else { return }
            endEntry()
            guard line.hasSuffix(":") || line.hasPrefix("? ") else { return materials.addProblem("a line is neither a key nor below one") }
            if line == "__metadata:" { return isOne = true }
            switch YarnLock.key(line.hasPrefix("? ") ? line.dropFirst(2) : line[...]) {
            case .package(let name)?:
                pending = name
                isOne = true
            case .other?: isOne = true
            case nil: materials.addProblem("a key names no package")
            }
        }

        private mutating func endEntry() {
            if pending != nil { materials.addProblem("a package has no version") }
            pending = nil
        }
    }

    /// Of `"@a/b@^1.0", "@a/b@npm:^1.1":` the name.
    private static func key(_ line: Substring) -> Key? {
        let text = line.drop { $0 == "\"" }
        guard let at = text.dropFirst().firstIndex(of: "@") else { return nil }
        let range = text[text.index(after: at)...]
        if ["workspace:", "link:", "portal:", "file:"].contains(where: { range.hasPrefix($0) }) { return .other }
        // An alias: `alias@npm:real@1.0` is the real one.
        if range.hasPrefix("npm:"), let inner = range.dropFirst(4).dropFirst().firstIndex(of: "@") {
            return .package(String(range.dropFirst(4)[..<inner]))
        }
        return .package(String(text[..<at]))
    }

    private static func version(_ line: String) -> String? {
        guard line.hasPrefix("version ") || line.hasPrefix("version:") else { return nil }
        return String(line.dropFirst("version".count).drop { ": \"".contains($0) }.prefix { $0 != "\"" && $0 != " " })
    }
}
