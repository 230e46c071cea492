/// What a compiled program says it was made of: Go's build information, Rust's list of crates.
///
/// Source: Go, `debug/buildinfo`; cargo-auditable.
enum ProgramReader {
    /// Empty for what is no program, and for programs that say nothing. Errors of reading are thrown.
    static func read(size: Int, _ read: @escaping (Range<Int>) throws -> [UInt8]) throws -> Materials {
        guard size > 64, try read(0..<4) == ElfFile.magic, let file = try ElfFile(size: size, read: read) else { return Materials() }
        guard try !isPacked(file) else { return .problem("it is a program packed by UPX, which hides what it is made of") }
        var materials = try GoBuildInformation.read(file)
        if let section = file.section(".dep-v0") {
            let crates = AuditableCrates.read(try file.bytes(at: section.offset, count: section.size, limit: MaterialLimits.buildInformation))
            materials.packages += crates.packages
            materials.problems += crates.problems
        }
        return materials
    }

    /// Source: UPX, "l_info", which stands right behind the program headers.
    private static func isPacked(_ file: ElfFile) throws -> Bool {
        let start = try file.bytes(at: 0, count: 512, limit: 512)
        return start.indices.contains { start[$0...].starts(with: "UPX!".utf8) }
    }
}

enum GoBuildInformation {
    static let magic: [UInt8] = [0xff] + Array(" Go buildinf:".utf8)
    private static let headerLength = 32

    static func read(_ file: ElfFile) throws -> Materials {
        guard let (header, offset) = try find(file) else { return Materials() }
        let texts = header[15] & 2 != 0 ? try inlineTexts(file, at: offset + headerLength) : try pointedTexts(file, header)
        guard let (version, modules) = texts else { return .problem("its Go build information is damaged or too large") }
        return materials(version, modules)
    }

    /// In a section of its own; without sections at the start of the data that may be written.
    private static func find(_ file: ElfFile) throws -> ([UInt8], Int)? {
        let places =
            file.section(".go.buildinfo").map { [($0.offset, $0.size)] }
            ?? file.segments.filter { $0.isWritable && file.sections.isEmpty }.map { ($0.offset, $0.size) }
        for (offset, size) in places {
            let start = try file.bytes(at: offset, count: size, limit: 1 << 16)
            var position = 0
            while position + headerLength <= start.count {
                if start[position...].starts(with: magic) { return (Array(start[position..<(position + headerLength)]), offset + position) }
                position += 16
            }
        }
        return nil
    }

    /// Since Go 1.18: two strings, each behind its length.
    private static func inlineTexts(_ file: ElfFile, at offset: Int) throws -> ([UInt8], [UInt8])? {
        guard let (version, next) = try inlineText(file, at: offset), let (modules, _) = try inlineText(file, at: next) else { return nil }
        return (version, modules)
    }

    private static func inlineText(_ file: ElfFile, at offset: Int) throws -> ([UInt8], Int)? {
        let start = try file.bytes(at: offset, count: 10, limit: 10)
        var length = 0
        for (index, byte) in start.enumerated() where index < 5 {
            length |= Int(byte & 0x7f) << (7 * index)
            guard byte & 0x80 == 0 else { continue }
            guard length <= MaterialLimits.buildInformation else { return nil }
            let text = try file.bytes(at: offset + index + 1, count: length, limit: length)
            return text.count == length ? (text, offset + index + 1 + length) : nil
        }
        return nil
    }

    /// Before: addresses of two of Go's strings, each an address and a length.
    private static func pointedTexts(_ file: ElfFile, _ header: [UInt8]) throws -> ([UInt8], [UInt8])? {
        let width = Int(header[14])
        guard width == 4 || width == 8 else { return nil }
        func value(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
            let part = bytes[offset..<(offset + width)]
            return (header[15] & 1 != 0 ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | UInt64($1) }
        }
        func text(_ address: UInt64) throws -> [UInt8]? {
            guard let string = try file.bytes(ofAddress: address, count: width * 2) else { return nil }
            let length = value(string, width)
            guard length > 0 else { return [] }
            guard length <= UInt64(MaterialLimits.buildInformation) else { return nil }
            return try file.bytes(ofAddress: value(string, 0), count: Int(length))
        }
        guard let version = try text(value(header, 16)), let modules = try text(value(header, 16 + width)) else { return nil }
        return (version, modules)
    }

    private static func materials(_ version: [UInt8], _ modules: [UInt8]) -> Materials {
        var materials = Materials()
        // `go1.21.3`, `devel go1.22-6b85dc9 …`
        let words = String(decoding: version, as: UTF8.self).split(separator: " ")
        guard let release = words.first(where: { $0.hasPrefix("go") }) else { return .problem("its Go build information names no release of Go") }
        materials.add(Package(ecosystem: .go, name: "stdlib", version: String(release.dropFirst(2))))
        // A program that was built without modules has none.
        guard !modules.isEmpty else { return materials }
        // Sixteen bytes of a mark at both ends.
        guard modules.count > 33, modules[modules.count - 17] == UInt8(ascii: "\n") else {
            materials.addProblem("its Go build information is damaged")
            return materials
        }
        var known: Package?
        for line in ByteLines(Array(modules[16..<(modules.count - 16)])) {
            let words = line.text.split(separator: "\t", omittingEmptySubsequences: false)
            guard words.count >= 3, ["mod", "dep", "=>"].contains(words[0]) else { continue }
            if words[0] != "=>", let before = known { materials.add(before) }
            known = package(words)
        }
        if let known { materials.add(known) }
        return materials
    }

    /// What a build of a working folder calls its own module has no version.
    private static func package(_ words: [Substring]) -> Package? {
        guard words[2] != "(devel)", !words[2].isEmpty else { return nil }
        return Package(ecosystem: .go, name: String(words[1]), version: String(words[2]))
    }
}
