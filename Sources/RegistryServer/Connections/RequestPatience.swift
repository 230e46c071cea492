/// How long a connection may let the server wait: the head of a request has a time, and each piece of its body. While the server works and
/// answers, it is the server that is waited for.
struct RequestPatience {
    enum Action: Equatable { case restart, stop, none }

    let piece: Int
    private var bytes = 0
    private var isReading = false
    private var isAnswering = false

    init(piece: Int) { self.piece = piece }

    mutating func connected() -> Action { .restart }

    mutating func headCame() -> Action {
        (bytes, isReading, isAnswering) = (0, true, true)
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
        return isAnswering ? .stop : .restart
    }

    mutating func answerEnded() -> Action {
        isAnswering = false
        // What is still to come of the body has the time that it had.
        return isReading ? .none : .restart
    }
}
