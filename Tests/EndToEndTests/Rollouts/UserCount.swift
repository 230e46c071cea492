import Foundation

/// What users of one kind have seen, by their own count.
struct UserCount: Sendable {
    /// Requests that were written, and streams that were asked for.
    var sent = 0
    /// Whole answers with status 200, and streams that began.
    var answered = 0
    /// Whole answers with another status.
    var refused: [Int: Int] = [:]
    /// Requests whose connection ended before there was a whole answer, on which nothing had ended before.
    var broken = 0
    /// Connections that nobody took. No request was sent on them.
    var unreachable = 0
    /// Requests that were sent again, because the connection on which another had ended before was closed meanwhile (RFC 9112, section 9.3.1).
    var sentAgain = 0
    var bodies: [String: Int] = [:]
    /// How often a visitor was given a release that he had left before.
    var returns = 0

    /// Streams that the user left, and messages that came back on streams.
    var left = 0
    var echoes = 0
    /// When streams were closed by the other side, in seconds since 1970.
    var closings: [TimeInterval] = []
    /// When the first answer of each body came.
    var firstSeen: [String: TimeInterval] = [:]

    /// What the user saw as failed.
    var failed: Int { refused.values.reduce(0, +) + broken }

    mutating func note(_ answer: UserConnection.Answer) {
        guard answer.status == 200 else { return refused[answer.status, default: 0] += 1 }
        answered += 1
        bodies[answer.body, default: 0] += 1
        if firstSeen[answer.body] == nil { firstSeen[answer.body] = Date().timeIntervalSince1970 }
    }

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        for count in [\Self.sent, \.answered, \.broken, \.unreachable, \.sentAgain, \.returns, \.left, \.echoes] as [WritableKeyPath<Self, Int>] {
            sum[keyPath: count] += right[keyPath: count]
        }
        sum.refused.merge(right.refused, uniquingKeysWith: +)
        sum.bodies.merge(right.bodies, uniquingKeysWith: +)
        sum.closings += right.closings
        sum.firstSeen.merge(right.firstSeen, uniquingKeysWith: min)
        return sum
    }
}
