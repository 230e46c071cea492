import IngotModel

/// One request as HAProxy logged it at its end.
struct RequestRecord: Hashable, Sendable {
    /// Unlike any other request's in the life of one HAProxy process.
    var number: Int
    var backend: Backend
    /// `nil` when it was handed to nobody.
    var server: ServerName?
    /// As the user saw it; -1 when there was no answer.
    var status: Int
    /// How the stream ended: who ended it and what it was doing then; `--` is the proper end.
    ///
    /// Source: HAProxy 2.6 Configuration Manual, 8.5 "Session state at disconnection".
    var ending: Ending
    var retries: Int
    /// When it was handed to the server, in microseconds since 1970.
    var handedAt: Int?
    /// From the end of the request's headers until the last byte of the answer.
    var latencyMicroseconds: Int?
    /// From the end of the request's headers until the answer's; `nil` when there was no answer.
    var headMilliseconds: Int?
    /// Whether it was one that goes on without an end: a connection that was upgraded, or server-sent events.
    var isStream = false

    struct Ending: Hashable, Sendable {
        var cause: UInt8
        var phase: UInt8
    }

    /// HAProxy's `log-format`, in the order in which `parse` reads it.
    static let format = "%rt %b %s %ST %ts %rc %[var(txn.at)] %[date(0,us)] %Tw %Tc %Tr %[var(txn.stream)]"

    /// What became of a request, each counted once.
    enum Outcome: Hashable, Sendable {
        /// It was answered by an instance, with a status of this class (1 to 5).
        case answered(class: Int)
        /// No instance answered, or an answer broke off in its middle: what the user saw was not the service's doing of an answer.
        case unanswered
        /// Ingot closed it because its drain deadline had passed.
        case cut
        /// A stream that Ingot closed because the time to drain it had passed.
        case streamClosed
        /// The user went away before there was an answer, or sent something that is not a request. Not counted.
        case abandoned
    }

    /// Who ended it decides first, then whether there was an answer.
    var outcome: Outcome {
        if ending.cause == UInt8(ascii: "K") { return isStream ? .streamClosed : .cut }
        switch ending.cause {
        case UInt8(ascii: "-"): return (100..<600).contains(status) ? .answered(class: status / 100) : .unanswered
        case UInt8(ascii: "C"), UInt8(ascii: "c"):
            guard ending.phase == UInt8(ascii: "D") || ending.phase == UInt8(ascii: "L") || ending.phase == UInt8(ascii: "-"),
                (100..<600).contains(status), server != nil
            else { return .abandoned }
            return .answered(class: status / 100)
        // A stream may end from either side at any time, also with the instance: whoever was on it comes back to another.
        case _ where status == 101 || (isStream && (100..<600).contains(status)): return .answered(class: status / 100)
        case UInt8(ascii: "P") where status == 400 && server == nil, UInt8(ascii: "R") where status == 400 && server == nil: return .abandoned
        default: return .unanswered
        }
    }

    /// Reads one line. `nil` for what is not a request to an environment (an unknown host, a broken line).
    static func parse(_ line: ArraySlice<UInt8>) -> RequestRecord? {
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 12)
        guard fields.count >= 12, let number = integer(fields[0]), let backend = backend(fields[1]), let status = integer(fields[3]),
            let cause = fields[4].first, let phase = fields[4].dropFirst().first
        else { return nil }
        let received = integer(fields[6])
        let ended = integer(fields[7])
        // -1 stands for "did not come to that".
        let queued = integer(fields[8]) ?? -1
        let connected = integer(fields[9]) ?? -1
        let answered = integer(fields[10]) ?? -1
        return RequestRecord(
            number: number, backend: backend, server: server(fields[2]), status: status, ending: Ending(cause: cause, phase: phase),
            retries: integer(fields[5].first == UInt8(ascii: "+") ? fields[5].dropFirst() : fields[5]) ?? 0,
            handedAt: connected >= 0 ? received.map { $0 &+ (max(0, queued) &+ connected) &* 1_000 } : nil,
            latencyMicroseconds: received.flatMap { received in ended.map { max(0, $0 &- received) } },
            headMilliseconds: answered >= 0 ? max(0, queued) &+ max(0, connected) &+ answered : nil, isStream: fields[11].first == UInt8(ascii: "1"))
    }

    /// The number of a line alone; `nil` for what is none.
    static func number(_ line: ArraySlice<UInt8>) -> Int? {
        line.firstIndex(of: UInt8(ascii: " ")).flatMap { integer(line[line.startIndex..<$0]) }
    }

    // By bytes and without strings: there are tens of thousands of these a second.

    private static func backend(_ bytes: ArraySlice<UInt8>) -> Backend? {
        let start = bytes.startIndex
        guard bytes.count >= 4, bytes[start] == UInt8(ascii: "b"), bytes[start + 2] == UInt8(ascii: "_"),
            let slot = integer(bytes[(start + 3)...]), slot >= 0
        else { return nil }
        switch bytes[start + 1] {
        case UInt8(ascii: "e"): return Backend(.http, slot: slot)
        case UInt8(ascii: "t"): return Backend(.tcp, slot: slot)
        default: return nil
        }
    }

    private static func server(_ bytes: ArraySlice<UInt8>) -> ServerName? {
        bytes.first == UInt8(ascii: "r") ? ServerName(String(decoding: bytes, as: UTF8.self)) : nil
    }

    static func integer(_ bytes: ArraySlice<UInt8>) -> Int? {
        let isNegative = bytes.first == UInt8(ascii: "-")
        let digits = isNegative ? bytes.dropFirst() : bytes
        guard (1...18).contains(digits.count) else { return nil }
        var value = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return isNegative ? -value : value
    }
}
