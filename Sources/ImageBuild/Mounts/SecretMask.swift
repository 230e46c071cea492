/// Replaces secret values in what a program prints, also where a value is cut between two pieces or over several lines.
struct SecretMask: Sendable {
    static let replacement = Array("***".utf8)
    /// A shorter line of a value is masked only with the whole value: a lone `}` is no secret.
    static let shortestLine = 8

    /// Longest first, so that of two that begin at one place the longer is masked.
    private let patterns: [[UInt8]]
    private let beginnings: Set<UInt8>
    /// The end of what came, when it may be the beginning of a value.
    private var held: [UInt8] = []

    /// - Parameter values: a line end at the end of a value is not part of what is looked for, as programs leave it out.
    init(_ values: [[UInt8]]) {
        var patterns: Set<[UInt8]> = []
        for value in values {
            let lines = value.split(whereSeparator: { $0 == 10 || $0 == 13 }).map(Array.init)
            let whole = Array(value.reversed().drop { $0 == 10 || $0 == 13 }.reversed())
            if !whole.isEmpty { patterns.insert(whole) }
            patterns.formUnion(lines.filter { $0.count >= Self.shortestLine })
        }
        self.patterns = patterns.sorted { $0.count > $1.count }
        beginnings = Set(patterns.compactMap(\.first))
    }

    var isEmpty: Bool { patterns.isEmpty }

    /// What of the bytes may be told now.
    mutating func append(_ bytes: [UInt8]) -> [UInt8] {
        guard !patterns.isEmpty else { return bytes }
        held += bytes
        return take(isLast: false)
    }

    /// What was held back.
    mutating func finish() -> [UInt8] { take(isLast: true) }

    private mutating func take(isLast: Bool) -> [UInt8] {
        var told: [UInt8] = []
        var index = 0
        scan: while index < held.count {
            if beginnings.contains(held[index]) {
                switch match(at: index, mayGoOn: !isLast) {
                case .whole(let count):
                    told += Self.replacement
                    index += count
                    continue scan
                case .beginning: break scan
                case .none: break
                }
            }
            told.append(held[index])
            index += 1
        }
        held = Array(held[index...])
        return told
    }

    private enum Match { case whole(Int), beginning, none }

    /// The longest value that may begin here decides: as long as it may still come, nothing is told.
    private func match(at index: Int, mayGoOn: Bool) -> Match {
        let rest = held[index...]
        for pattern in patterns where rest.first == pattern.first {
            if rest.count >= pattern.count {
                if rest.starts(with: pattern) { return .whole(pattern.count) }
            } else if mayGoOn, pattern.starts(with: rest) {
                return .beginning
            }
        }
        return .none
    }
}
