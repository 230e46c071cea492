import API
import IngotModel

/// What is awaited, in sentences.
enum AwaitedWords {
    /// `2 of 3 instances healthy (connection refused); in 9m the rollout goes back`
    static func line(_ awaited: AwaitedStatus, now: Timestamp) -> String {
        guard let until = awaited.until, let otherwise = awaited.otherwise else { return subject(awaited) }
        let left = until - now
        return "\(subject(awaited)); \(left > 0 ? "in \(Words.coarse(left))" : "now") \(otherwise)"
    }

    /// Without the time that is left, which would be wrong a second later.
    static func subject(_ awaited: AwaitedStatus) -> String { awaited.what + (awaited.hindrance.map { " (\($0))" } ?? "") }

    /// What is waited for, and what hinders it, each with its verb.
    static func sentences(_ awaited: AwaitedStatus) -> [String] {
        [sentence(awaited.what)] + (awaited.hindrance.map { ["hindered by: \($0)"] } ?? [])
    }

    /// Some of the planner's words say how far it is, not what is to come: nobody waits for 0 of 4.
    private static func sentence(_ what: String) -> String {
        if what.hasSuffix("kept warm") { return what }
        return what.hasSuffix(" healthy") ? "\(what) so far" : "waits for \(what)"
    }

    /// How long yet, and what happens then; or why nothing happens by itself.
    static func ending(_ awaited: AwaitedStatus, now: Timestamp) -> String? {
        guard let until = awaited.until else { return awaited.openEnd }
        return "\(Words.countdown(until - now)) left\(awaited.otherwise.map { ", then \($0)" } ?? "")"
    }
}
