import IngotModel
import Testing

/// A clock that is moved by hand: the time that passes, and how the wall clock is set.
private struct HandClock {
    var now = ClockReading(wall: Timestamp(secondsSince1970: 1_000_000), sinceBoot: .minutes(10), boot: "first")

    mutating func pass(_ time: Milliseconds) {
        now.wall = now.wall + time
        now.sinceBoot = now.sinceBoot + time
    }
    mutating func set(by jump: Milliseconds) { now.wall = now.wall + jump }
    mutating func reboot(after time: Milliseconds) {
        now = ClockReading(wall: now.wall + time, sinceBoot: .seconds(20), boot: now.boot + "+")
    }
}

private func wish(_ holder: String, keep: Milliseconds? = nil) -> LeaseState.Wish {
    LeaseState.Wish(holder: holder, reason: "a reason", attempt: "attempt of \(holder)", keep: keep)
}

extension LeaseState {
    /// Takes a free lease.
    fileprivate static func held(by holder: String, keep: Milliseconds? = nil, at clock: HandClock) -> LeaseState {
        var state = LeaseState()
        _ = state.acquire(wish(holder, keep: keep), at: clock.now)
        return state
    }
}

@Suite("Leases")
struct LeaseTests {
    @Test("who comes first holds it, and who comes second is told by whom")
    func race() throws {
        let clock = HandClock()
        var state = LeaseState.held(by: "user:a", at: clock)
        let first = try #require(state.lease)
        #expect(first.token == FencingToken(1) && first.length == LeaseTerms.length && !first.isKept)
        #expect(state.acquire(wish("user:b"), at: clock.now) == .heldBy(first))
        #expect(state.acquire(wish("user:a"), at: clock.now) == .acquiredBefore(first))
        #expect(state.lease == first)
    }

    @Test("it lasts as long as heartbeats come, and its length after the last")
    func heartbeats() {
        var clock = HandClock()
        var state = LeaseState.held(by: "user:a", at: clock)
        for _ in 0..<100 {
            clock.pass(LeaseTerms.heartbeat)
            #expect(state.renew(FencingToken(1), at: clock.now)?.token == FencingToken(1))
        }
        clock.pass(LeaseTerms.length - 1)
        #expect(state.expire(at: clock.now) == nil && state.objection(to: nil, at: clock.now) != nil)
        clock.pass(1)
        #expect(state.objection(to: nil, at: clock.now) == nil)
        #expect(state.expire(at: clock.now)?.holder == "user:a")
        #expect(state.lease == nil && state.expire(at: clock.now) == nil)
    }

    @Test("one that has ended is not renewed, whether anybody has taken it since or not", arguments: [false, true])
    func tooLate(isTaken: Bool) {
        var clock = HandClock()
        var state = LeaseState.held(by: "user:a", at: clock)
        clock.pass(LeaseTerms.length)
        if isTaken { _ = state.acquire(wish("user:b"), at: clock.now) }
        #expect(state.renew(FencingToken(1), at: clock.now) == nil)
        #expect(state.release(FencingToken(1))?.holder == (isTaken ? nil : "user:a"))
        #expect(state.lease?.holder == (isTaken ? "user:b" : nil))
    }

    @Test("the token only grows, over releases, ends and what is read back")
    func tokens() throws {
        var clock = HandClock()
        var state = LeaseState()
        for round in 1...20 {
            guard case .acquired(let lease) = state.acquire(wish("user:\(round)"), at: clock.now) else { throw NotAcquired() }
            #expect(lease.token == FencingToken(round))
            switch round % 3 {
            case 0: #expect(state.release(lease.token) == lease)
            case 1: #expect(state.release() == lease)
            default: clock.pass(LeaseTerms.length)
            }
            state = try value(from: try json(state))
        }
    }
    private struct NotAcquired: Error {}

    @Test("a kept one lasts its time without heartbeats, which do not make it longer, and never more than the longest")
    func kept() {
        var clock = HandClock()
        var state = LeaseState.held(by: "user:a", keep: .minutes(120), at: clock)
        clock.pass(.minutes(100))
        #expect(state.renew(FencingToken(1), at: clock.now)?.left(at: clock.now) == .minutes(20))
        clock.pass(.minutes(20))
        #expect(state.expire(at: clock.now) != nil)
        let long = LeaseState.held(by: "user:a", keep: .minutes(10_000_000), at: clock)
        #expect(long.lease?.length == LeaseTerms.longest)
    }

    @Test(
        "a clock that is set back does not make it longer, one that is set forward may end it early",
        arguments: [
            (jump: Milliseconds.minutes(-600), isHeldBefore: true), (jump: -2_000, isHeldBefore: true), (jump: 0, isHeldBefore: true),
            (jump: 2_000, isHeldBefore: true), (jump: .seconds(5), isHeldBefore: false), (jump: .minutes(600), isHeldBefore: false),
        ])
    func clockJumps(jump: Milliseconds, isHeldBefore: Bool) {
        var clock = HandClock()
        let state = LeaseState.held(by: "user:a", at: clock)
        clock.pass(.seconds(10))
        clock.set(by: jump)
        #expect(state.lease?.isHeld(at: clock.now) == isHeldBefore)
        clock.pass(.seconds(5))
        #expect(state.lease?.isHeld(at: clock.now) == false, "15 s have passed, whatever the wall clock says")
    }

    @Test(
        "over a restart of the machine the wall clock alone decides, and one that is behind the last heartbeat ends it",
        arguments: [(away: Milliseconds.seconds(14), isHeld: true), (away: .seconds(15), isHeld: false), (away: -1, isHeld: false)])
    func restarts(away: Milliseconds, isHeld: Bool) {
        var clock = HandClock()
        let state = LeaseState.held(by: "user:a", at: clock)
        clock.reboot(after: away)
        #expect(state.lease?.isHeld(at: clock.now) == isHeld)
        #expect((state.lease?.left(at: clock.now) ?? 0 > 0) == isHeld)
    }

    @Test(
        "what stands against a deployment",
        arguments: [
            (token: nil as Int?, objection: "held"), (token: 1, objection: "stale"), (token: 2, objection: "none"), (token: 3, objection: "stale"),
        ])
    func fence(token: Int?, objection: String) {
        let clock = HandClock()
        var state = LeaseState.held(by: "user:a", at: clock)
        _ = state.release()
        _ = state.acquire(wish("user:b"), at: clock.now)
        let found =
            switch state.objection(to: token.map { FencingToken($0) }, at: clock.now) {
            case .heldBy(let lease): lease.holder == "user:b" ? "held" : "held by somebody else"
            case .stale: "stale"
            case nil: "none"
            }
        #expect(found == objection)
    }

    @Test("a token is stale too when nobody holds the environment any more")
    func staleWhenFree() {
        let clock = HandClock()
        var state = LeaseState.held(by: "user:a", at: clock)
        _ = state.release(FencingToken(1))
        #expect(state.objection(to: FencingToken(1), at: clock.now) == .stale(FencingToken(1)))
        #expect(state.objection(to: nil, at: clock.now) == nil)
    }
}
