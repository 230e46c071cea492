import IngotModel

/// The `Date:` of an archive's release file, in seconds since 1970.
///
/// Source: Debian repository format, "Date, Valid-Until": as RFC 1123, in UTC.
enum ReleaseDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func parse(_ release: String) -> Timestamp? {
        guard let line = release.split(separator: "\n").first(where: { $0.hasPrefix("Date:") }) else { return nil }
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 6, let day = Int(words[2]), let month = months.firstIndex(of: words[3]), words[5].count <= 8 else { return nil }
        let clock = words[5].count == 7 ? "0" + words[5] : words[5]
        return Timestamp(text: "\(words[4])-\(padded(month + 1))-\(padded(day))T\(clock)Z")
    }

    /// The moment of a snapshot's name, `20261101T000000Z`.
    static func ofSnapshot(_ name: String) -> Timestamp? {
        let digits = Array(name)
        guard digits.count == 16, digits[8] == "T", digits[15] == "Z" else { return nil }
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        return Timestamp(text: "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z")
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
