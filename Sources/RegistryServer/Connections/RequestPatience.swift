/// How long a connection may let the server wait: the head of a request has a time, and each piece of its body. While the server works and
/// answers, it is the server that is waited for.
struct RequestPatience {
    enum Action: Equatable { case restart, stop, none }

    let piece: Int
    private var bytes = 0
    private var isReading = false
    /// Requests that were not answered yet: some send the next one early.
    private var waiting = 0

    init(piece: Int) { self.piece = piece }

    mutating func connected() -> Action { .restart }

    mutating func headCame() -> Action {
        (bytes, isReading) = (0, true)
        waiting += 1
        return .restart
    }

    mutating func bodyCame(_ count: Int) -> Action {
        bytes += count
        guard bytes >= piece else { return .none }
        bytes = 0
        return .restart
    }

    mutating func requestEnded() -> Action {
        isReading = false
        return waiting > 0 ? .stop : .restart
    }

    mutating func answerEnded() -> Action {
        waiting -= 1
        // What is still to come of a body has the time that it had.
        return isReading || waiting > 0 ? .none : .restart
    }
}
