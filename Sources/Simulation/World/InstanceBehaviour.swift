public import IngotModel

/// How the instances of a release behave, counted from the start of each.
public struct InstanceBehaviour: Hashable, Sendable {
    /// When its checks begin to pass; `nil` for never.
    public var healthyAfter: Milliseconds?
    /// When it ends by itself; `nil` for never.
    public var endsAfter: Milliseconds?
    /// When its checks begin to fail although it goes on running; `nil` for never.
    public var sickAfter: Milliseconds?
    /// How long it takes to answer a check.
    public var checkTakes: Milliseconds = 1
    /// How many requests of a hundred it answers with a server error, and how much longer than they would take it works on each.
    public var errorPercent = 0
    public var delay: Milliseconds = 0
    /// How long it takes to end after the stop signal; `nil` when it ignores the signal and is killed after its grace.
    public var stopsWithin: Milliseconds?
    /// Why the engine can't even start it.
    public var startError: String?
    /// How an end by itself is told.
    public var ending: String

    public init(
        healthyAfter: Milliseconds? = 500, endsAfter: Milliseconds? = nil, sickAfter: Milliseconds? = nil,
        stopsWithin: Milliseconds? = 200, startError: String? = nil, ending: String = "exit code 1"
    ) {
        self.healthyAfter = healthyAfter
        self.endsAfter = endsAfter
        self.sickAfter = sickAfter
        self.stopsWithin = stopsWithin
        self.startError = startError
        self.ending = ending
    }

    public static let good = InstanceBehaviour()
    public static let neverHealthy = InstanceBehaviour(healthyAfter: nil)
    public static let diesAtOnce = InstanceBehaviour(healthyAfter: nil, endsAfter: 20)
    public static let ignoresStop = InstanceBehaviour(stopsWithin: nil)
    public static func slow(_ healthyAfter: Milliseconds) -> Self { InstanceBehaviour(healthyAfter: healthyAfter) }
    public static func diesLater(after: Milliseconds) -> Self { InstanceBehaviour(endsAfter: after) }
    public static func getsSick(after: Milliseconds) -> Self { InstanceBehaviour(sickAfter: after) }
    public static func answersWrongly(percent: Int) -> Self { changed { $0.errorPercent = percent } }
    public static func answersSlowly(by delay: Milliseconds) -> Self { changed { $0.delay = delay } }
    public static func cannotStart(_ why: String) -> Self { InstanceBehaviour(startError: why) }

    private static func changed(_ change: (inout Self) -> Void) -> Self {
        var behaviour = good
        change(&behaviour)
        return behaviour
    }
}

extension InstanceBehaviour: CustomStringConvertible {
    /// What is remarkable of it: `good`, `healthy after 5s, ignores the stop signal`.
    public var description: String {
        var words: [String] = []
        if let startError { words.append("can't start: \(startError)") }
        if let healthyAfter, healthyAfter != Self.good.healthyAfter { words.append("healthy after \(healthyAfter)") }
        if healthyAfter == nil { words.append("never healthy") }
        if let endsAfter { words.append("ends after \(endsAfter)") }
        if let sickAfter { words.append("sick after \(sickAfter)") }
        if errorPercent > 0 { words.append("\(errorPercent)% of its answers are errors") }
        if delay > 0 { words.append("answers \(delay) late") }
        if stopsWithin == nil { words.append("ignores the stop signal") }
        return words.isEmpty ? "good" : words.joined(separator: ", ")
    }
}
