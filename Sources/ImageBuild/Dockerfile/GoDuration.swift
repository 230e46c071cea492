/// A length of time as Docker's flags have it: `1m30s`, `1.5h`, `250ms`, `0`.
///
/// Source: Go's `time.ParseDuration`.
enum GoDuration {
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3_600e9),
    ]

    /// `nil` when it is no length of time, or longer than Go's (292 years).
    static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if let sign = rest.first, sign == "-" || sign == "+" { rest.removeFirst() }
        if rest == "0" { return .zero }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            guard let part = takePart(&rest) else { return nil }
            total += part
        }
        guard total < Double(Int64.max) else { return nil }
        return .nanoseconds(isNegative ? -Int64(total) : Int64(total))
    }

    private static func takePart(_ rest: inout Substring) -> Double? {
        let digits = rest.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
        rest = rest.dropFirst(digits.count)
        let name = rest.prefix { !($0.isASCII && $0.isNumber) && $0 != "." }
        rest = rest.dropFirst(name.count)
        guard let count = Double(digits.hasPrefix(".") ? "0\(digits)" : digits), let unit = units.first(where: { $0.name == name }) else {
            return nil
        }
        return (count * unit.nanoseconds).rounded(.down)
    }
}
