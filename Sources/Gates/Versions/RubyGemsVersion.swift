/// Numbers and words, separated by points or by the change from one to the other. A word makes a prerelease.
///
/// Source: RubyGems, `Gem::Version`: `<=>` and `canonical_segments`.
struct RubyGemsVersion: OrderedVersion {
    private enum Segment {
        case number(DecimalNumber)
        case word(ArraySlice<UInt8>)

        var isZero: Bool { if case .number(.zero) = self { true } else { false } }
        var isNumber: Bool { if case .number = self { true } else { false } }
    }

    private let segments: [Segment]

    init?(_ bytes: [UInt8]) {
        guard let first = bytes.first, first.isDigit else { return nil }
        var scanner = VersionScanner(bytes)
        var segments: [Segment] = []
        while let next = scanner.next {
            if next.isDigit {
                segments.append(.number(DecimalNumber(scanner.take { $0.isDigit })))
            } else if next.isLetter {
                segments.append(.word(scanner.take { $0.isLetter }))
            } else if scanner.take("-") {
                // Source: `Gem::Version.new` replaces a hyphen so.
                segments.append(.word(Array("pre".utf8)[...]))
            } else if !scanner.take(".") {
                return nil
            }
        }
        let words = segments.firstIndex { !$0.isNumber } ?? segments.endIndex
        self.segments = Self.trimmed(segments[..<words]) + Self.trimmed(segments[words...])
    }

    private static func trimmed(_ segments: ArraySlice<Segment>) -> [Segment] {
        var segments = segments
        while segments.last?.isZero == true { segments.removeLast() }
        return Array(segments)
    }

    func compared(to other: Self) -> VersionComparison {
        .itemwise(segments, other.segments, filler: .number(.zero)) { left, right in
            switch (left, right) {
            case (.number(let left), .number(let right)): VersionComparison(left, right)
            case (.word(let left), .word(let right)): .bytewise(left, right)
            case (.number, .word): .newer
            case (.word, .number): .older
            }
        }
    }
}
