/// Ruby's gems. Source: RubyGems, specifications; Bundler, Gemfile.lock.
extension MaterialReader {
    /// An installed gem's specification: the name of the file says what it is, its content is a program.
    static let rubySpecification = MaterialReader(
        name: "gem", claims: { path, name in name.hasSuffix(".gemspec") && path.contains("/specifications/") },
        read: { _, path in
            let file = path.split(separator: "/").last.map { $0.dropLast(".gemspec".count) } ?? ""
            guard let (name, version) = RubyName.parts(file) else { return .problem("its name has no version") }
            var materials = Materials()
            materials.add(Package(ecosystem: .rubygems, name: name, version: version))
            return materials
        })

    static let rubyLock = MaterialReader(
        name: "Gemfile.lock", claims: { _, name in name == "Gemfile.lock" || name == "gems.locked" },
        read: { bytes, _ in
            var materials = Materials()
            var isOne = false
            var isGems = false
            for line in ByteLines(bytes) {
                guard let first = line.first else { continue }
                if first != 32 {
                    isGems = line.elementsEqual("GEM".utf8)
                    isOne = isOne || ["GEM", "GIT", "PATH", "PLATFORMS", "DEPENDENCIES"].contains(line.text)
                }
                // Four blanks: a gem; six: what it depends on.
                guard isGems, line.starts(with: [32, 32, 32, 32]), line.count > 4, line[line.startIndex + 4] != 32 else { continue }
                guard let (name, rest) = line.trimmed.split(at: 32), rest.first == UInt8(ascii: "("), rest.last == UInt8(ascii: ")") else {
                    materials.addProblem("a gem has no version")
                    continue
                }
                let version = rest.dropFirst().dropLast().prefix { $0 != UInt8(ascii: "-") }
                materials.add(Package(ecosystem: .rubygems, name: name.text, version: version.text))
            }
            if !isOne { materials.addProblem("it is not a lock file of Bundler") }
            return materials
        })
}

private enum RubyName {
    /// `name-1.2.3` or `name-1.2.3-x86_64-linux`; a name may have hyphens and digits.
    static func parts(_ text: Substring) -> (String, String)? {
        let words = text.split(separator: "-", omittingEmptySubsequences: false)
        func isVersion(_ word: Substring) -> Bool { word.first?.isNumber == true }
        let places = words.indices.dropFirst().filter { isVersion(words[$0]) }
        guard let index = places.first(where: { words[$0].contains(".") }) ?? places.first else { return nil }
        return (words[..<index].joined(separator: "-"), String(words[index]))
    }
}
