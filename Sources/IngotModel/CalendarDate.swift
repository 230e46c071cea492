/// A day in UTC, written `2026-11-26`.
public struct CalendarDate: TextCodable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let expectation = "a date such as 2026-11-26"
    public let text: String
    /// Its first moment.
    public let beginning: Timestamp

    public init?(text: String) {
        guard text.utf8.count == 10, let beginning = Timestamp(text: "\(text)T00:00:00Z") else { return nil }
        self.text = text
        self.beginning = beginning
    }

    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.beginning < right.beginning }

    /// Whether the day has passed to its end.
    public func isOver(at now: Timestamp) -> Bool { now >= beginning + .seconds(86_400) }
}
