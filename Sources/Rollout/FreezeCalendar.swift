public import IngotModel

/// Whether an environment takes something new at a moment. Pure: what clocks show elsewhere is given.
///
/// A window is meant by the clocks on the wall of its zone, so it begins at the same hour before and after they are changed. In the hour that they
/// show twice it is in force twice.
public struct FreezeCalendar {
    private let now: Timestamp
    private let offset: (String, Timestamp) -> Milliseconds?

    /// - Parameter offset: how far the clocks of a zone are ahead of UTC at a moment; `nil` for a zone that nobody here knows, and then its windows
    ///   are taken to be in force.
    public init(at now: Timestamp, offset: @escaping (_ zone: String, Timestamp) -> Milliseconds?) {
        self.now = now
        self.offset = offset
    }

    /// The freeze that was placed by hand, or the first of the windows; `nil` when none is in force.
    public func inForce(_ windows: [FreezeWindow], placed: PlacedFreeze?) -> FreezeInForce? {
        if let placed, placed.until.map({ now < $0 }) ?? true {
            return FreezeInForce(reason: placed.reason, by: placed.by, until: placed.until)
        }
        return windows.lazy.compactMap(inForce).first
    }

    private func inForce(_ window: FreezeWindow) -> FreezeInForce? {
        let reason = window.reason ?? "ingot.yaml says so"
        guard let ahead = zone(window.zone, now) else {
            return FreezeInForce(reason: "\(reason) (this machine does not know the time zone \(window.zone))")
        }
        guard let left = left(of: window, at: now + ahead) else { return nil }
        guard let left = left.time else { return FreezeInForce(reason: reason) }
        // The clocks may be changed until then.
        let end = now + left
        let change = (zone(window.zone, end) ?? ahead) - ahead
        return FreezeInForce(reason: reason, until: end + (0 - change))
    }

    private func zone(_ name: String, _ moment: Timestamp) -> Milliseconds? { name == FreezeWindow.utc ? 0 : offset(name, moment) }

    // MARK: By the clocks on the wall

    /// How long something goes on; `nil` for no end.
    private struct Left { var time: Milliseconds? }

    private func left(of window: FreezeWindow, at local: Timestamp) -> Left? {
        switch window.time {
        case .dates(let from, let until):
            let end = until.beginning + .minutes(WeekSpan.minutesInDay)
            return from.beginning <= local && local < end ? Left(time: end - local) : nil
        case .weekly(let spans):
            let week = Milliseconds.minutes(WeekSpan.minutesInWeek)
            // 1970 began on a Thursday.
            let sinceMonday = Self.remainder((local + .minutes(3 * WeekSpan.minutesInDay)).millisecondsSince1970, week.count)
            guard var end = Self.end(of: spans, at: sinceMonday) else { return nil }
            // Where one span ends the next may begin. Each carries on once at most, unless they go round.
            for _ in spans {
                guard let next = Self.end(of: spans, at: Self.remainder(end, week.count)) else { break }
                end += next - Self.remainder(end, week.count)
            }
            return Left(time: end - sinceMonday >= week.count ? nil : Milliseconds(end - sinceMonday))
        }
    }

    /// When the one of the spans that ends last of those in force ends, in milliseconds since the same Monday.
    private static func end(of spans: [WeekSpan], at moment: Int) -> Int? {
        let week = Milliseconds.minutes(WeekSpan.minutesInWeek).count
        return spans.compactMap { span -> Int? in
            let from = remainder(Milliseconds.minutes(span.from).count, week)
            let length = remainder(remainder(Milliseconds.minutes(span.until).count, week) - from - 1, week) + 1
            let passed = remainder(moment - from, week)
            return passed < length ? moment - passed + length : nil
        }.max()
    }

    private static func remainder(_ dividend: Int, _ divisor: Int) -> Int {
        let remainder = dividend % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
