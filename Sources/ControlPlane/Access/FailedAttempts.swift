import IngotModel

/// How often requests without a valid token came from an address lately. A token can't be guessed; this bounds what guessing costs the daemon
/// and its log. Whoever has a valid token is let in all the same: nobody is locked out by a neighbour behind the same address.
struct FailedAttempts {
    static let window = Milliseconds.minutes(1)
    static let allowed = 10
    /// Addresses that are remembered at once; all beyond share one count.
    static let mostAddresses = 4_096

    enum Answer: Equatable {
        case refuse
        /// Refuse, and say so in the log.
        case refuseAndTell
        /// Too many: the answer says when to come back, whatever comes until then.
        case turnAway
    }

    private struct Entry {
        var since: Timestamp
        var count = 0
    }

    private var entries: [String: Entry] = [:]

    mutating func failed(from address: String, at now: Timestamp) -> Answer {
        if entries[address] == nil, entries.count >= Self.mostAddresses { entries = entries.filter { Self.isFresh($0.value, now) } }
        let key = entries[address] != nil || entries.count < Self.mostAddresses ? address : ""
        var entry = entries[key].flatMap { Self.isFresh($0, now) ? $0 : nil } ?? Entry(since: now)
        entry.count += 1
        entries[key] = entry
        switch entry.count {
        case 1, Self.allowed: return .refuseAndTell
        case ..<Self.allowed: return .refuse
        default: return .turnAway
        }
    }

    private static func isFresh(_ entry: Entry, _ now: Timestamp) -> Bool { now >= entry.since && now - entry.since < window }
}
