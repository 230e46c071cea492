/// A length of time in whole milliseconds, written as people write it: `250ms`, `30s`, `10m`, `24h`, `7d`.
///
/// In JSON it is the number of milliseconds, and the field's name says so.
public struct Milliseconds: WholeNumberCodable, ExpressibleByIntegerLiteral {
    public var count: Int
    public init(_ count: Int) { self.count = count }
    public init(integerLiteral value: Int) { count = value }
    public var wholeNumber: Int { count }

    public static func seconds(_ seconds: Int) -> Milliseconds { Milliseconds(saturating(seconds, 1_000)) }
    public static func minutes(_ minutes: Int) -> Milliseconds { .seconds(saturating(minutes, 60)) }

    /// The units, largest first, with the milliseconds in each.
    static let units: [(name: String, count: Int)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// Reads one or more numbers with units, largest unit first: `1h30m`. `nil` for anything else,
    /// also for a bare number: a duration without a unit is a guess.
    public init?(text: String) {
        var rest = Substring(text)
        var total = 0
        var units = Self.units[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let word = String(rest.prefix { $0.isLetter })
            rest = rest.dropFirst(word.count)
            guard let number = Int(digits), let index = units.firstIndex(where: { $0.name == word }) else { return nil }
            let (product, overflows) = number.multipliedReportingOverflow(by: units[index].count)
            let (sum, overflowsToo) = total.addingReportingOverflow(product)
            guard !overflows, !overflowsToo else { return nil }
            total = sum
            units = units[(index + 1)...]
        }
        count = total
    }

    public var description: String {
        guard count > 0 else { return count == 0 ? "0s" : "-\(Milliseconds(0) - self)" }
        var rest = count
        var text = ""
        for unit in Self.units where rest >= unit.count {
            text += "\(rest / unit.count)\(unit.name)"
            rest %= unit.count
        }
        return text
    }

    public var duration: Duration { .milliseconds(count) }

    public static func + (left: Self, right: Self) -> Self { Milliseconds(saturatingSum(left.count, right.count)) }
    public static func - (left: Self, right: Self) -> Self { Milliseconds(saturatingDifference(left.count, right.count)) }
}

/// A number of bytes, written `256MiB`, `1.5GiB`, `500MB`, `4096`.
///
/// Source of the units: IEC 80000-13 for `KiB` and its like, SI for `kB` and its like.
public struct ByteSize: WholeNumberCodable, ExpressibleByIntegerLiteral {
    public var bytes: Int
    public init(_ bytes: Int) { self.bytes = bytes }
    public init(integerLiteral value: Int) { bytes = value }
    public var wholeNumber: Int { bytes }

    public static func mebibytes(_ count: Int) -> ByteSize { ByteSize(count << 20) }
    public static func gibibytes(_ count: Int) -> ByteSize { ByteSize(count << 30) }

    private static let units: [(name: String, bytes: Int)] = [
        ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
        ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("", 1),
    ]

    public init?(text: String) {
        let number = text.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
        let unit = text.dropFirst(number.count)
        guard let scale = Self.units.first(where: { $0.name == unit })?.bytes, let value = Double(number) else { return nil }
        let bytes = value * Double(scale)
        guard bytes >= 0, bytes < Double(Int.max) else { return nil }
        self.bytes = Int(bytes)
    }

    /// With one digit after the point at most, in binary units: `12.3 MiB`.
    public var description: String {
        for unit in Self.units[1...4].reversed() where bytes >= unit.bytes {
            let tenths = (Double(bytes) / Double(unit.bytes) * 10).rounded() / 10
            return tenths == tenths.rounded() ? "\(Int(tenths)) \(unit.name)" : "\(tenths) \(unit.name)"
        }
        return "\(bytes) B"
    }

    public static func + (left: Self, right: Self) -> Self { ByteSize(saturatingSum(left.bytes, right.bytes)) }
}

/// A moment, in milliseconds since 1970-01-01T00:00:00Z, written as in RFC 3339: `2026-11-23T16:18:15.042Z`.
public struct Timestamp: TextCodable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let expectation = "a time such as 2026-11-23T16:18:15.042Z"
    public var millisecondsSince1970: Int
    public init(millisecondsSince1970: Int) { self.millisecondsSince1970 = millisecondsSince1970 }
    public init(secondsSince1970 seconds: Int) { millisecondsSince1970 = saturating(seconds, 1_000) }

    /// Reads RFC 3339 in UTC (`Z`), with or without a fraction of a second.
    public init?(text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            let digits = bytes[range]
            guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
            return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        }
        for (position, separator) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
        where bytes[position] != separator.utf8.first { return nil }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var milliseconds = 0
        if bytes.count > 20 {
            guard bytes[19] == UInt8(ascii: "."), (22...30).contains(bytes.count), let fraction = number(20..<(bytes.count - 1))
            else { return nil }
            let digits = bytes.count - 21
            milliseconds =
                digits <= 3
                ? fraction * [0, 100, 10, 1][digits]
                : fraction / (4...digits).reduce(1) { scale, _ in scale * 10 }
        }
        let days = Self.days(year: year, month: month, day: day)
        millisecondsSince1970 = ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + milliseconds
    }

    public var text: String {
        let milliseconds = Self.floorDivide(millisecondsSince1970, 86_400_000)
        let (year, month, day) = Self.civil(days: milliseconds.quotient)
        let time = milliseconds.remainder
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let clock = "\(padded(time / 3_600_000, 2)):\(padded(time / 60_000 % 60, 2)):\(padded(time / 1_000 % 60, 2))"
        return "\(date)T\(clock).\(padded(time % 1_000, 3))Z"
    }

    public var secondsSince1970: Int { Self.floorDivide(millisecondsSince1970, 1_000).quotient }
    public var description: String { text }

    public static func < (left: Self, right: Self) -> Bool { left.millisecondsSince1970 < right.millisecondsSince1970 }
    public static func + (left: Self, right: Milliseconds) -> Self {
        Timestamp(millisecondsSince1970: saturatingSum(left.millisecondsSince1970, right.count))
    }
    public static func - (left: Self, right: Self) -> Milliseconds {
        Milliseconds(saturatingDifference(left.millisecondsSince1970, right.millisecondsSince1970))
    }

    // The calendar: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil and civil_from_days.

    private static func days(inMonth month: Int, of year: Int) -> Int {
        let next = month == 12 ? (year + 1, 1) : (year, month + 1)
        return days(year: next.0, month: next.1, day: 1) - days(year: year, month: month, day: 1)
    }

    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = floorDivide(year, 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = era.remainder * 365 + era.remainder / 4 - era.remainder / 100 + dayOfYear
        return era.quotient * 146_097 + dayOfEra - 719_468
    }

    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let era = floorDivide(days + 719_468, 146_097)
        let dayOfEra = era.remainder
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era.quotient * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func floorDivide(_ dividend: Int, _ divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Hundredths of a percent; 10,000 are the whole.
public struct BasisPoints: WholeNumberCodable {
    public static let whole = BasisPoints(10_000)
    public static let none = BasisPoints(0)
    public var value: Int
    public init(_ value: Int) { self.value = value }
    public var wholeNumber: Int { value }
    /// As a percentage, without needless zeros: `5%`, `0.25%`.
    public var description: String {
        let (percent, rest) = value.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return "\(percent)%" }
        return rest % 10 == 0 ? "\(percent).\(rest / 10)%" : "\(percent).\(rest < 10 ? "0" : "")\(rest)%"
    }
}

// Quantities come from files, databases and the network, where any number may stand: none of them may trap.
// A sum that does not fit is the largest or the smallest there is.

private func saturatingSum(_ left: Int, _ right: Int) -> Int {
    let (sum, overflows) = left.addingReportingOverflow(right)
    return overflows ? (right > 0 ? .max : .min) : sum
}

private func saturatingDifference(_ left: Int, _ right: Int) -> Int {
    let (difference, overflows) = left.subtractingReportingOverflow(right)
    return overflows ? (right < 0 ? .max : .min) : difference
}

private func saturating(_ number: Int, _ factor: Int) -> Int {
    let (product, overflows) = number.multipliedReportingOverflow(by: factor)
    return overflows ? (number > 0 ? .max : .min) : product
}
