import IngotModel

/// A place in a freeze: a day of the calendar, a moment of each week, or a time of day.
enum FreezeMoment: Equatable {
    case date(CalendarDate)
    /// In minutes since Monday 00:00.
    case week(Int)
    /// In minutes since midnight; 24:00 is the end of the day.
    case time(Int)
}

extension ValueForm where Value == FreezeMoment {
    static var freezeMoment: ValueForm {
        ValueForm(expectation: "a date such as 2026-12-20, a day and a time such as fri 16:00, or with 'days' a time such as 22:00") { text in
            if let date = CalendarDate(text: text) { return .date(date) }
            let parts = text.split(separator: " ")
            if parts.count == 1 { return minutes(parts[0]).map { .time($0) } }
            guard parts.count == 2, let day = ValueForm<Int>.weekday.read(String(parts[0])), let minutes = minutes(parts[1]) else { return nil }
            return .week((day * WeekSpan.minutesInDay + minutes) % WeekSpan.minutesInWeek)
        } hint: { text in
            ValueForm<Int>.weekday.read(text).map { _ in "add a time: '\(text) 00:00'" }
        }
    }

    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.isASCII && $0.isNumber } }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= WeekSpan.minutesInDay
        else { return nil }
        return hour * 60 + minute
    }
}

extension ValueForm where Value == Int {
    private static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    /// How many days after Monday.
    static var weekday: ValueForm {
        ValueForm(expectation: "a day of the week such as sat or saturday") { text in
            weekdays.firstIndex { $0 == text.lowercased() || $0.prefix(3) == text.lowercased() }
        } hint: { text in
            NearestWord.to(text.lowercased(), among: weekdays).map { "did you mean '\($0)'?" }
        }
    }
}

extension ValueForm where Value == String {
    /// Which zones there are is the daemon's machine's to know. Source: IANA time zone database, `theory.html`, "Timezone identifiers".
    static var timeZone: ValueForm {
        ValueForm(expectation: "UTC, or a time zone such as Europe/Berlin") { text in
            SettingForms.isTimeZone(text) ? text : nil
        } hint: { text in
            text.lowercased() == "utc" || text == "GMT" || text == "Z" ? "write 'UTC'" : nil
        }
    }

    static var publicKey: ValueForm {
        ValueForm(expectation: "the file of a public key, relative to the folder of this file, such as release.pub") { text in
            Self.relativePath.read(text).flatMap { $0.hasSuffix(".key") ? nil : $0 }
        } hint: { text in
            text.hasSuffix(".key") ? "a private key is nobody's business: name the public half, '\(text.dropLast(4)).pub'" : nil
        }
    }

    static var predicateType: ValueForm {
        ValueForm(expectation: "one of \(Grammar.predicateTypes.joined(separator: ", ")), or the URI of a predicate type") { text in
            if Grammar.predicateTypes.contains(text) { return text }
            let isURI = text.contains(":") && text.utf8.count <= 1_024 && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
            return isURI && !text.hasPrefix("urn:ingot:approval") ? text : nil
        } hint: { text in
            if text == "approval" || text.hasPrefix("urn:ingot:approval") { return "approvals have 'approval: { keys: [...] }', since they end" }
            return NearestWord.to(text, among: Grammar.predicateTypes).map { "did you mean '\($0)'?" }
        }
    }
}
