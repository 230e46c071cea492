import IngotModel

/// Numbers and times as people read them.
enum Words {
    /// With commas between thousands: `12,345`.
    static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return number < 0 ? "-\(text)" : text
    }

    /// A noun with its number: `1 instance`, `1,200 requests`.
    static func count(_ number: Int, _ noun: String) -> String { "\(count(number)) \(noun)\(number == 1 ? "" : "s")" }

    /// A length of time with about three digits: `4 ms`, `1.25 s`, `12.3 s`, `4m30s`, `3h20m`, `5d`.
    static func time(_ time: Milliseconds) -> String {
        let milliseconds = time.count
        switch milliseconds {
        case ..<1_000: return "\(milliseconds) ms"
        case ..<10_000: return "\(decimal(milliseconds, 1_000, digits: 2)) s"
        case ..<60_000: return "\(decimal(milliseconds, 1_000, digits: 1)) s"
        case ..<3_600_000: return units(milliseconds / 1_000, (60, "m"), (1, "s"))
        case ..<86_400_000: return units(milliseconds / 60_000, (60, "h"), (1, "m"))
        default: return units(milliseconds / 3_600_000, (24, "d"), (1, "h"))
        }
    }

    /// A latency, which may be a fraction of a millisecond: `0.8 ms`, `12 ms`, `1.25 s`.
    static func latency(_ milliseconds: Double?) -> String {
        guard let milliseconds, milliseconds.isFinite, milliseconds >= 0, milliseconds < 1e12 else { return "–" }
        guard milliseconds < 10 else { return time(Milliseconds(Int(milliseconds.rounded()))) }
        return "\(decimal(Int((milliseconds * 10).rounded()), 10, digits: 1)) ms"
    }

    /// How long ago a moment was: `12 s ago`, `3m ago`, `in 5 s`.
    static func ago(_ moment: Timestamp, now: Timestamp) -> String {
        let age = now - moment
        if age < 0 { return "in \(coarse(0 - age))" }
        return age < 1_000 ? "now" : "\(coarse(age)) ago"
    }

    static func coarse(_ time: Milliseconds) -> String {
        let seconds = time.count / 1_000
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3_600: return "\(seconds / 60)m"
        case ..<86_400: return units(seconds / 60, (60, "h"), (1, "m"))
        default: return "\(seconds / 86_400)d"
        }
    }

    /// A length of time in whole seconds, for what is counted down: `12 s`, `4m30s`, `3h20m`.
    static func countdown(_ length: Milliseconds) -> String {
        let seconds = Milliseconds.seconds((max(0, length.count) + 999) / 1_000)
        return seconds < .minutes(1) ? "\(seconds.count / 1_000) s" : time(seconds)
    }

    /// A moment without the date's separator that only machines need: `2026-11-23 16:18:15`.
    static func moment(_ moment: Timestamp) -> String { moment.text.prefix(19).map { $0 == "T" ? " " : String($0) }.joined() }

    static func commit(_ commit: String?) -> String { commit.map { String($0.prefix(7)) } ?? "–" }

    private static func units(_ count: Int, _ large: (size: Int, name: String), _ small: (size: Int, name: String)) -> String {
        let (quotient, remainder) = count.quotientAndRemainder(dividingBy: large.size)
        return remainder == 0 ? "\(quotient)\(large.name)" : "\(quotient)\(large.name)\(remainder)\(small.name)"
    }

    private static func decimal(_ number: Int, _ divisor: Int, digits: Int) -> String {
        let scale = digits == 2 ? 100 : 10
        let scaled = (number * scale + divisor / 2) / divisor
        let fraction = String(scaled % scale)
        return "\(scaled / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }
}
