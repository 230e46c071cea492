import API
import IngotModel
import Rollout

/// Since when each thing is awaited. Pure.
///
/// The planner looks at levels and remembers no waits, and the words of one change as it goes on ("1 of 3 healthy", "2 of 3 healthy"). So a
/// wait counts as the same as long as its deadline stays, or its words where it has none.
struct Waits: Equatable {
    private enum Identity: Hashable {
        case deadline(Timestamp, String?)
        case words(String)

        init(_ awaited: Awaited) { self = awaited.until.map { .deadline($0, awaited.otherwise) } ?? .words(awaited.what) }
    }

    private var since: [Identity: Timestamp] = [:]
    private var hasLooked = false

    /// - Parameter movingSince: since when the rollout is in its phase, if there is one. What is awaited when a daemon first looks was so before.
    mutating func note(_ awaiting: [Awaited], at now: Timestamp, movingSince: Timestamp?) {
        let first = hasLooked ? now : movingSince ?? now
        since = Dictionary(
            awaiting.map { awaited in (Identity(awaited), since[Identity(awaited)] ?? first) }, uniquingKeysWith: { first, _ in first })
        hasLooked = true
    }

    func since(_ awaited: Awaited) -> Timestamp? { since[Identity(awaited)] }
}

extension EnvironmentStatus {
    /// While something moves there is always something that is awaited: if nothing else, that the daemon looks.
    static func awaiting(_ view: EnvironmentView) -> [AwaitedStatus] {
        let lines = view.awaiting.map { awaited in
            AwaitedStatus(
                what: awaited.what, hindrance: awaited.hindrance, since: view.waits.since(awaited), until: awaited.until,
                otherwise: awaited.otherwise, openEnd: awaited.ender?.words)
        }
        guard lines.isEmpty, view.state.rollout != nil || view.pending != nil else { return lines }
        let since = view.pending?.request.acceptedAt ?? view.state.rollout?.phaseSince
        return [
            AwaitedStatus(
                what: "the daemon to look at what is there", hindrance: view.failure?.message, since: since, until: nil, otherwise: nil,
                openEnd: "it looks at once, and after a failure again within \(RetryPause.longest)")
        ]
    }
}
