/// What to do about an instance when something happens: the supervisor's only decisions.
struct Lifecycle: Equatable {
    enum Action: Equatable {
        case nothing
        /// Send the stop signal to the instance's first process.
        case stop
        /// Kill the instance; while it is being started, the runtime that starts it.
        case kill
    }

    enum State: Equatable { case starting, running, ended }

    let graceMilliseconds: Int
    private(set) var state = State.starting
    private(set) var stopWasRequested = false
    /// When the grace is over, by the monotonic clock; `nil` when no stop is under way.
    private(set) var killAt: Int?

    init(graceMilliseconds: Int) { self.graceMilliseconds = graceMilliseconds }

    mutating func startSucceeded() -> Action {
        state = .running
        return stopWasRequested ? .stop : .nothing
    }

    /// A second request changes nothing: it neither repeats the signal nor moves the end of the grace.
    mutating func stopRequested(at now: Int) -> Action {
        guard !stopWasRequested, state != .ended else { return .nothing }
        stopWasRequested = true
        killAt = now + graceMilliseconds
        return state == .running ? .stop : .nothing
    }

    mutating func timePassed(at now: Int) -> Action {
        guard let killAt, now >= killAt, state != .ended else { return .nothing }
        self.killAt = nil
        return .kill
    }

    mutating func ended() {
        state = .ended
        killAt = nil
    }
}
