public import IngotModel

extension ReleaseSetState {
    /// Looks once at every member and decides what is asked of their environments next.
    ///
    /// It is level-triggered: it may be called at any time, as often as one likes. A member that is not in `observations` is left as it is
    /// until it is seen.
    ///
    /// - Parameters:
    ///   - observations: seen after the orders of the pass before were stored; in older ones a request of the set would seem to be gone.
    ///   - now: the wall clock.
    public mutating func advance(_ observations: [ServiceName: MemberObservation], now: Timestamp) -> ReleaseSetPlan {
        guard outcome == nil else { return ReleaseSetPlan() }
        var pass = ReleaseSetPass(state: self, observations: observations, now: now)
        pass.noteWhatWasSeen()
        pass.checkDeadlines()
        if pass.state.turn == nil { pass.beginThoseThatMay() }
        if pass.state.turn != nil { pass.goBack() }
        pass.finishIfDone()
        self = pass.state
        return pass.plan
    }

    /// Sends the set back, for this reason: while it runs, or after it has gone through. A set that goes back already does so for its
    /// first reason, and one that has gone back stays as it is.
    ///
    /// - Returns: whether that changed anything.
    public mutating func goBack(because reason: String, now: Timestamp) -> Bool {
        if case .returned = outcome { return false }
        guard turn == nil else { return false }
        turn = Turn(at: now, reason: reason)
        outcome = nil
        return true
    }

    /// When to look again even if nothing happens; `nil` when no time is running.
    public var deadline: Timestamp? {
        guard outcome == nil else { return nil }
        return turn == nil ? acceptedAt + limit : members.compactMap(returnDeadline).min()
    }

    /// Each step back has the time that the whole way there had, so that one that hangs does not take that of the others.
    func returnDeadline(of member: Member) -> Timestamp? {
        switch member.phase {
        case .stopping(let since): since + limit
        case .goingBack: member.rollback.map { $0.request.acceptedAt + limit }
        case .waiting, .moving, .succeeded, .kept, .due, .returned, .untouched, .left: nil
        }
    }

    /// What the set waits for, in a person's words.
    public var awaiting: [String] {
        guard outcome == nil else { return [] }
        return members.compactMap { member in
            switch member.phase {
            case .waiting where unready(member).isEmpty: "\(member.service) to begin"
            case .waiting: "\(names(unready(member))) to succeed, before \(member.service) begins"
            case .moving: "\(member.service) to serve release \(member.release)"
            case .stopping: "\(member.service) to go back from release \(member.release)"
            case .due where unsettled(member).isEmpty: "\(member.service) to take up what was asked of it before"
            case .due: "\(names(unsettled(member))) to be back, before \(member.service) goes back"
            case .goingBack: "\(member.service) to serve \(member.before.map { "release \($0)" } ?? "nothing") again"
            case .succeeded, .kept, .returned, .untouched, .left: nil
            }
        }
    }

    /// Those a member waits for on the way there.
    func unready(_ member: Member) -> [Member] {
        members.filter { other in member.after.contains(other.service) && other.phase != .succeeded && other.phase != .kept }
    }

    /// Those a member waits for on the way back: they came after it.
    func unsettled(_ member: Member) -> [Member] {
        members.filter { other in other.after.contains(member.service) && !other.phase.isSettled }
    }

    private func names(_ members: [Member]) -> String { members.map(\.service.name).joined(separator: ", ") }
}

/// One pass over a set. Pure.
struct ReleaseSetPass {
    var state: ReleaseSetState
    let observations: [ServiceName: MemberObservation]
    let now: Timestamp
    var plan = ReleaseSetPlan()

    init(state: ReleaseSetState, observations: [ServiceName: MemberObservation], now: Timestamp) {
        self.state = state
        self.observations = observations
        self.now = now
    }

    mutating func checkDeadlines() {
        guard state.turn != nil else {
            if let deadline = state.deadline, now >= deadline { turn(because: "it was not done after \(state.limit)") }
            return
        }
        for index in state.members.indices {
            guard let deadline = state.returnDeadline(of: state.members[index]), now >= deadline else { continue }
            leave(index, "it was not back after \(state.limit)")
        }
    }

    mutating func finishIfDone() {
        if state.turn == nil, state.members.allSatisfy({ $0.phase == .succeeded || $0.phase == .kept }) {
            state.outcome = .succeeded(at: now)
            decide(nil, "every member serves its release")
        } else if state.turn != nil, state.members.allSatisfy(\.phase.isSettled) {
            state.outcome = .returned(at: now)
            decide(nil, "every member has come to rest")
        }
    }

    mutating func turn(because reason: String) {
        guard state.turn == nil else { return }
        state.turn = ReleaseSetState.Turn(at: now, reason: reason)
        decide(nil, "the set goes back: \(reason)")
    }

    mutating func leave(_ index: Int, _ reason: String) {
        state.members[index].phase = .left(reason: reason)
        decide(state.members[index].service, "left to a person: \(reason)")
    }

    mutating func decide(_ service: ServiceName?, _ what: String) {
        plan.decided.append(ReleaseSetPlan.Decision(service: service, what: what))
    }
}
