// swift-format-ignore-file: NeverForceUnwrap

import IngotModel
import Rollout
import Testing

@Suite("When an environment is frozen") struct FreezeCalendarTests {
    /// Berlin in 2026 and 2027: an hour ahead, two from the last Sunday of March to the last one of October, from 01:00 UTC on.
    private static func berlin(_ moment: Timestamp) -> Milliseconds {
        let summers = [("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"), ("2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z")]
        let isSummer = summers.contains { Timestamp(text: $0.0)! <= moment && moment < Timestamp(text: $0.1)! }
        return .minutes(isSummer ? 120 : 60)
    }

    private static func inForce(_ window: FreezeWindow, _ now: String, placed: PlacedFreeze? = nil) -> FreezeInForce? {
        FreezeCalendar(at: Timestamp(text: now)!) { $0 == "Europe/Berlin" ? berlin($1) : nil }.inForce([window], placed: placed)
    }

    private static func day(_ number: Int, _ hour: Int = 0, _ minute: Int = 0) -> Int { number * WeekSpan.minutesInDay + hour * 60 + minute }
    private static let holidays = FreezeWindow(
        .dates(from: CalendarDate(text: "2026-12-20")!, until: CalendarDate(text: "2027-01-02")!), reason: "holidays")
    /// Friday 16:00 to Monday 08:00.
    private static let weekend = FreezeWindow(.weekly([WeekSpan(from: day(4, 16), until: day(0, 8))]), zone: "Europe/Berlin", reason: "weekend")
    private static let nights = FreezeWindow(.weekly((0..<7).map { WeekSpan(from: day($0, 22), until: day($0 + 1, 6) % WeekSpan.minutesInWeek) }))
    private static let saturdaySunday = FreezeWindow(.weekly([WeekSpan(from: day(5), until: day(6)), WeekSpan(from: day(6), until: day(7))]))

    @Test(
        "from the first moment of the first day to the last of the last",
        arguments: [
            ("2026-12-19T23:59:59.999Z", false), ("2026-12-20T00:00:00Z", true), ("2027-01-02T23:59:59.999Z", true),
            ("2027-01-03T00:00:00Z", false),
        ])
    func dates(_ now: String, _ isFrozen: Bool) {
        let freeze = Self.inForce(Self.holidays, now)
        #expect((freeze != nil) == isFrozen)
        if let freeze { #expect(freeze == FreezeInForce(reason: "holidays", until: Timestamp(text: "2027-01-03T00:00:00Z")!)) }
    }

    @Test(
        "a day begins by the clocks of its zone",
        arguments: [("2026-12-19T22:59:59Z", false), ("2026-12-19T23:00:00Z", true), ("2027-01-02T22:59:59Z", true), ("2027-01-02T23:00:00Z", false)])
    func datesElsewhere(_ now: String, _ isFrozen: Bool) {
        var window = Self.holidays
        window.zone = "Europe/Berlin"
        #expect((Self.inForce(window, now) != nil) == isFrozen)
    }

    @Test(
        "each week, over Sunday night, at the same hour before and after the clocks are changed",
        arguments: [
            // In winter 16:00 is 15:00 UTC; in summer 14:00.
            ("2026-11-27T14:59:59Z", nil), ("2026-11-27T15:00:00Z", "2026-11-30T07:00:00Z"), ("2026-11-29T23:30:00Z", "2026-11-30T07:00:00Z"),
            ("2026-11-30T06:59:59Z", "2026-11-30T07:00:00Z"), ("2026-11-30T07:00:00Z", nil),
            ("2026-07-03T13:59:59Z", nil), ("2026-07-03T14:00:00Z", "2026-07-06T06:00:00Z"),
            // The weekend on which the clocks go forward begins by winter's hour and ends by summer's, and the other way.
            ("2026-03-27T15:00:00Z", "2026-03-30T06:00:00Z"), ("2026-03-30T05:59:59Z", "2026-03-30T06:00:00Z"), ("2026-03-30T06:00:00Z", nil),
            ("2026-10-23T14:00:00Z", "2026-10-26T07:00:00Z"), ("2026-10-26T06:59:59Z", "2026-10-26T07:00:00Z"),
        ] as [(String, String?)])
    func weekend(_ now: String, _ until: String?) {
        #expect(Self.inForce(Self.weekend, now) == until.map { FreezeInForce(reason: "weekend", until: Timestamp(text: $0)!) })
    }

    @Test(
        "each night, across midnight",
        arguments: [
            ("2026-11-26T21:59:59Z", nil), ("2026-11-26T22:00:00Z", "2026-11-27T06:00:00Z"), ("2026-11-27T00:00:00Z", "2026-11-27T06:00:00Z"),
            ("2026-11-27T06:00:00Z", nil),
            // Of Sunday, into the next week.
            ("2026-11-30T05:00:00Z", "2026-11-30T06:00:00Z"),
        ] as [(String, String?)])
    func nights(_ now: String, _ until: String?) {
        #expect(Self.inForce(Self.nights, now)?.until == until.map { Timestamp(text: $0)! })
        #expect((Self.inForce(Self.nights, now) == nil) == (until == nil))
    }

    @Test("spans that touch end together, and those that go round end never")
    func joined() {
        #expect(Self.inForce(Self.saturdaySunday, "2026-11-28T12:00:00Z")?.until == Timestamp(text: "2026-11-30T00:00:00Z")!)
        let always = FreezeWindow(.weekly((0..<7).map { WeekSpan(from: Self.day($0), until: Self.day($0 + 1)) }))
        #expect(Self.inForce(always, "2026-11-28T12:00:00Z") == FreezeInForce(reason: "ingot.yaml says so"))
        let whole = FreezeWindow(.weekly([WeekSpan(from: 5, until: 5)]), reason: "x")
        #expect(Self.inForce(whole, "2026-11-28T12:00:00Z")?.reason == "x")
    }

    @Test("before 1970, weeks are weeks")
    func longAgo() {
        let moment = Timestamp(text: "1969-12-28T12:00:00Z")!
        #expect(FreezeCalendar(at: moment) { _, _ in nil }.inForce([Self.saturdaySunday], placed: nil) != nil)
    }

    @Test("a zone that nobody knows is frozen, and says why")
    func unknownZone() {
        var window = Self.weekend
        window.zone = "Europe/Atlantis"
        let freeze = Self.inForce(window, "2026-11-25T12:00:00Z")
        #expect(freeze?.reason == "weekend (this machine does not know the time zone Europe/Atlantis)" && freeze?.until == nil)
    }

    @Test("what was placed by hand goes first, until its very end")
    func placed() {
        let at = Timestamp(text: "2026-11-25T00:00:00Z")!
        var placed = PlacedFreeze(reason: "black friday", by: "user:ada", at: at, until: Timestamp(text: "2026-11-28T12:00:00Z")!)
        let freeze = Self.inForce(Self.holidays, "2026-11-28T11:59:59.999Z", placed: placed)
        #expect(freeze == FreezeInForce(reason: "black friday", by: "user:ada", until: placed.until))
        #expect(Self.inForce(Self.holidays, "2026-11-28T12:00:00Z", placed: placed) == nil)
        placed.until = nil
        #expect(Self.inForce(Self.holidays, "2036-11-28T12:00:00Z", placed: placed)?.by == "user:ada")
    }
}
