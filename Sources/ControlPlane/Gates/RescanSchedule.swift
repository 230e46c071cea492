import IngotModel

/// When images were examined again, and by what: the advisories and the policies of that moment, in a word.
struct Rescan: Hashable, Sendable {
    var at: Timestamp
    var basis: String
}

/// When what runs and what is kept is examined again: each night, and as soon as there are other advisories or policies. Pure.
enum RescanSchedule {
    /// Minutes after midnight in UTC.
    static let timeOfNight = Milliseconds.minutes(150)
    /// How often it is looked whether there are.
    static let lookInterval = Milliseconds.seconds(30)
    private static let day = Milliseconds.seconds(86_400)

    static func isDue(after last: Rescan?, basis: String, now: Timestamp) -> Bool {
        guard let last else { return true }
        // A clock that was set back must not put the next one off.
        return last.basis != basis || last.at > now || last.at < lastNight(before: now)
    }

    /// When to look again whether it is due.
    static func nextLook(now: Timestamp) -> Timestamp { min(now + lookInterval, lastNight(before: now) + day) }

    private static func lastNight(before now: Timestamp) -> Timestamp {
        let midnight = now.millisecondsSince1970 - now.millisecondsSince1970 % day.count
        let tonight = Timestamp(millisecondsSince1970: midnight) + timeOfNight
        return tonight <= now ? tonight : Timestamp(millisecondsSince1970: tonight.millisecondsSince1970 - day.count)
    }
}
