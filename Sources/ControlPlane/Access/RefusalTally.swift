import IngotModel

/// Which refusals become events: the first of a kind at once, and those that follow as one number with the next of its kind after a while.
/// So a command that asks in a loop does not fill the events, and nothing is lost but the moments in between.
struct RefusalTally {
    struct Kind: Hashable, Sendable {
        var actor: Principal
        var permission: Permission
        var scope: AccessScope
    }

    static let window = Milliseconds.minutes(10)
    /// Kinds that are remembered at once; beyond, they are told together until a window has passed, and so is what is left of older ones then.
    static let mostKinds = 1_000

    private struct Entry {
        var since: Timestamp
        var untold = 0
    }

    private var entries: [Kind: Entry] = [:]
    private var rest: Entry?

    /// What to record of one more refusal: how many of its kind came since the last record. `nil` when it is only counted.
    mutating func refused(_ kind: Kind, at now: Timestamp) -> Int? {
        if entries[kind] == nil, entries.count >= Self.mostKinds {
            forgetOld(now)
        }
        guard entries[kind] != nil || entries.count < Self.mostKinds else { return Self.count(&rest, now) }
        return Self.count(&entries[kind], now)
    }

    private mutating func forgetOld(_ now: Timestamp) {
        let untold = entries.values.reduce(0) { Self.isFresh($1, now) ? $0 : $0 + $1.untold }
        entries = entries.filter { Self.isFresh($0.value, now) }
        if untold > 0 { rest = Entry(since: rest?.since ?? now, untold: (rest?.untold ?? 0) + untold) }
    }

    private static func count(_ entry: inout Entry?, _ now: Timestamp) -> Int? {
        guard var known = entry, isFresh(known, now) else {
            let untold = entry?.untold ?? 0
            entry = Entry(since: now)
            return untold + 1
        }
        known.untold += 1
        entry = known
        return nil
    }

    private static func isFresh(_ entry: Entry, _ now: Timestamp) -> Bool { now >= entry.since && now - entry.since < window }
}
