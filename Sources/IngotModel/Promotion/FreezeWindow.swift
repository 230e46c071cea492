/// A time in which an environment takes nothing new.
public struct FreezeWindow: Hashable, Sendable, Codable {
    public enum Time: Hashable, Sendable, Codable {
        /// From the beginning of one day to the end of another.
        case dates(from: CalendarDate, until: CalendarDate)
        /// The same in each week.
        case weekly([WeekSpan])
    }

    public var time: Time
    /// By whose clocks: a name of the IANA time zone database, or `UTC`.
    public var zone: String
    public var reason: String?

    public static let utc = "UTC"

    public init(_ time: Time, zone: String = utc, reason: String? = nil) {
        self.time = time
        self.zone = zone
        self.reason = reason
    }
}

/// A part of each week, in minutes since Monday 00:00. It may begin on Saturday and end on Monday; one that ends where it begins is the whole week.
public struct WeekSpan: Hashable, Sendable, Codable {
    public static let minutesInDay = 1_440
    public static let minutesInWeek = 7 * minutesInDay

    public var from: Int
    public var until: Int

    public init(from: Int, until: Int) {
        self.from = from
        self.until = until
    }
}

/// That somebody froze an environment by hand.
public struct PlacedFreeze: Hashable, Sendable, Codable {
    public var reason: String
    public var by: String
    public var at: Timestamp
    /// From when on it is over; `nil` until somebody thaws it.
    public var until: Timestamp?

    public init(reason: String, by: String, at: Timestamp, until: Timestamp?) {
        self.reason = reason
        self.by = by
        self.at = at
        self.until = until
    }
}

/// Why an environment takes nothing new now.
public struct FreezeInForce: Hashable, Sendable, Codable {
    public var reason: String
    /// Who placed it; `nil` for `ingot.yaml`.
    public var by: String?
    /// When it ends by itself; `nil` when it does not.
    public var until: Timestamp?

    public init(reason: String, by: String? = nil, until: Timestamp? = nil) {
        self.reason = reason
        self.by = by
        self.until = until
    }
}
