/// The numbers of every lease, in one place.
public enum LeaseTerms {
    /// How long a lease holds after its last heartbeat: so long at the most a command that was killed keeps others out.
    public static let length = Milliseconds.seconds(15)
    /// How often its command says that it is still there. Two may be lost before the lease is.
    public static let heartbeat = Milliseconds.seconds(5)
    /// How long a lease without heartbeats may be asked for.
    public static let longest = Milliseconds.minutes(7 * 24 * 60)
}

/// Which holder came before which: each new lease has a greater token than all before it, and whoever acts by an older one is refused.
///
/// Source: Martin Kleppmann, "How to do distributed locking", 2016.
public struct FencingToken: WholeNumberCodable {
    public let value: Int
    public init(_ value: Int) { self.value = value }
    public var wholeNumber: Int { value }
    public var description: String { "\(value)" }
    public var next: FencingToken { FencingToken(value + 1) }
}

/// A moment by both of a machine's clocks. The wall clock can be set, so it is trusted only where the other says nothing.
public struct ClockReading: Hashable, Sendable, Codable {
    public var wall: Timestamp
    /// Time since the machine started, also asleep. It is never set.
    public var sinceBoot: Milliseconds
    /// Which start of the machine that was.
    public var boot: String
    public init(wall: Timestamp, sinceBoot: Milliseconds, boot: String) {
        self.wall = wall
        self.sinceBoot = sinceBoot
        self.boot = boot
    }

    /// How long ago another reading was, and never less than it can have been; `nil` when the clocks say that it has not been yet.
    ///
    /// Within one start of the machine a wall clock that was set back changes nothing, and one that was set forward makes it longer.
    public func time(since earlier: ClockReading) -> Milliseconds? {
        let byWall = wall - earlier.wall
        guard boot == earlier.boot else { return byWall < 0 ? nil : byWall }
        let bySinceBoot = sinceBoot - earlier.sinceBoot
        return bySinceBoot < 0 ? nil : max(byWall, bySinceBoot)
    }
}

/// That somebody holds an environment: nobody else deploys to it meanwhile.
///
/// It ends by itself. A wall clock that is set back does not make it last longer; one that is set forward may end it early.
public struct Lease: Hashable, Sendable, Codable {
    /// Who holds it: `user:root`.
    public var holder: String
    public var reason: String
    public var token: FencingToken
    /// A random name that its command gave when it asked, so that asking again after a lost answer is no second wish.
    public var attempt: String
    public var acquired: Timestamp
    public var renewed: ClockReading
    /// How long after `renewed` it ends.
    public var length: Milliseconds
    /// Whether it ends when its time is over, and not when its command does.
    public var isKept: Bool

    public init(
        holder: String, reason: String, token: FencingToken, attempt: String, acquired: Timestamp, renewed: ClockReading, length: Milliseconds,
        isKept: Bool
    ) {
        self.holder = holder
        self.reason = reason
        self.token = token
        self.attempt = attempt
        self.acquired = acquired
        self.renewed = renewed
        self.length = length
        self.isKept = isKept
    }

    /// When it ends by the wall clock, if nothing is heard of its command any more.
    public var until: Timestamp { renewed.wall + length }

    public func isHeld(at now: ClockReading) -> Bool { now.time(since: renewed).map { $0 < length } ?? false }

    /// How much of it is left; nothing when it has ended.
    public func left(at now: ClockReading) -> Milliseconds { now.time(since: renewed).map { max(0, length - $0) } ?? 0 }
}

/// The lease of one environment, or that there is none, and the greatest token that was ever given out for it.
public struct LeaseState: Hashable, Sendable, Codable {
    public private(set) var lease: Lease?
    public private(set) var newestToken: FencingToken

    public init(lease: Lease? = nil, newestToken: FencingToken = FencingToken(0)) {
        self.lease = lease
        self.newestToken = newestToken
    }

    /// What somebody asks for.
    public struct Wish: Hashable, Sendable {
        public var holder: String
        public var reason: String
        public var attempt: String
        /// How long it is kept without heartbeats; `nil` for a lease that its command renews.
        public var keep: Milliseconds?
        public init(holder: String, reason: String, attempt: String, keep: Milliseconds? = nil) {
            self.holder = holder
            self.reason = reason
            self.attempt = attempt
            self.keep = keep
        }
    }

    public enum Acquisition: Hashable, Sendable {
        case acquired(Lease)
        /// The same attempt got it before: its answer was lost.
        case acquiredBefore(Lease)
        case heldBy(Lease)
    }

    public mutating func acquire(_ wish: Wish, at now: ClockReading) -> Acquisition {
        if let lease, lease.isHeld(at: now) {
            return lease.attempt == wish.attempt ? .acquiredBefore(lease) : .heldBy(lease)
        }
        newestToken = newestToken.next
        let new = Lease(
            holder: wish.holder, reason: wish.reason, token: newestToken, attempt: wish.attempt, acquired: now.wall, renewed: now,
            length: wish.keep.map { min($0, LeaseTerms.longest) } ?? LeaseTerms.length, isKept: wish.keep != nil)
        lease = new
        return .acquired(new)
    }

    /// A heartbeat. A lease that has ended stays so, also when nobody has taken it since: others may have deployed meanwhile.
    ///
    /// - Returns: the renewed lease; `nil` when this token holds nothing.
    public mutating func renew(_ token: FencingToken, at now: ClockReading) -> Lease? {
        guard var renewed = lease, renewed.token == token, renewed.isHeld(at: now) else { return nil }
        if !renewed.isKept { renewed.renewed = now }
        lease = renewed
        return renewed
    }

    /// Ends a lease that is held by this token, or by whichever. Asked twice, it is done once.
    ///
    /// - Returns: what ended, `nil` when nothing was held.
    public mutating func release(_ token: FencingToken? = nil) -> Lease? {
        guard let ended = lease, token == nil || ended.token == token else { return nil }
        lease = nil
        return ended
    }

    /// Ends a lease whose time is over.
    ///
    /// - Returns: what ended.
    public mutating func expire(at now: ClockReading) -> Lease? {
        guard let lease, !lease.isHeld(at: now) else { return nil }
        return release()
    }

    public enum Objection: Hashable, Sendable {
        /// Somebody else holds the environment.
        case heldBy(Lease)
        /// This token was given out before the newest one, or its lease has ended.
        case stale(FencingToken)
    }

    /// What stands against a new deployment or scale.
    ///
    /// - Parameter token: by which lease it is asked for; `nil` by none.
    public func objection(to token: FencingToken?, at now: ClockReading) -> Objection? {
        let held = lease.flatMap { $0.isHeld(at: now) ? $0 : nil }
        guard let token else { return held.map { .heldBy($0) } }
        return held?.token == token ? nil : .stale(token)
    }
}
