/// Text as a terminal lays it out: in columns, of which some characters take two and some none.
enum TerminalText {
    static func columns(_ text: String) -> Int { text.reduce(0) { $0 + columns($1) } }

    /// At most so many columns, with `…` where something was cut off. A tab is one space.
    static func cut(_ text: String, to width: Int) -> String {
        let flat = text.contains("\t") ? String(text.map { $0 == "\t" ? " " : $0 }) : text
        guard columns(flat) > width else { return flat }
        guard width > 0 else { return "" }
        var used = 0
        var kept = ""
        for character in flat {
            let next = used + columns(character)
            guard next < width else { break }
            used = next
            kept.append(character)
        }
        return kept + "…"
    }

    /// Source: Unicode Standard Annex 11; the blocks of which every character is wide, and what common terminals draw wide.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]

    private static func columns(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if first.value < 0x300 { return 1 }
        if first.properties.generalCategory == .nonspacingMark || first.properties.generalCategory == .format { return 0 }
        return wide.contains { $0.contains(first.value) } ? 2 : 1
    }
}
