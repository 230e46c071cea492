import IngotModel

// What became of each member since the last pass.
extension ReleaseSetPass {
    mutating func noteWhatWasSeen() {
        for index in state.members.indices {
            guard let observation = observations[state.members[index].service] else { continue }
            note(observation, index)
        }
    }

    private mutating func note(_ seen: MemberObservation, _ index: Int) {
        let member = state.members[index]
        state.members[index].deployment?.rollout = seen.deployment?.rollout
        state.members[index].rollback?.rollout = seen.rollback?.rollout
        switch member.phase {
        case .waiting: noteWaiting(seen, index)
        case .moving: noteMoving(seen, index)
        case .stopping: noteStopping(seen, index)
        case .succeeded, .kept, .due: noteResting(seen, index)
        case .goingBack: noteGoingBack(seen, index)
        case .returned, .untouched, .left: return
        }
    }

    private mutating func noteWaiting(_ seen: MemberObservation, _ index: Int) {
        guard state.turn == nil else { return }
        let member = state.members[index]
        if let refusal = seen.refusal { return turn(because: "\(member.service) may not begin: \(refusal)") }
        guard seen.moving == nil, seen.serving == member.before else { return supersede(index) }
    }

    private mutating func noteMoving(_ seen: MemberObservation, _ index: Int) {
        let member = state.members[index]
        switch seen.deployment?.outcome {
        case .succeeded:
            state.members[index].phase = .succeeded
            decide(member.service, "release \(member.release) serves")
        case .returned(let reason):
            state.members[index].phase = .returned
            decide(member.service, "release \(member.release) went back: \(reason)")
            turn(because: "\(member.service) went back: \(reason)")
        case .superseded: supersede(index)
        case nil: if seen.moving != member.deployment?.request { supersede(index) }
        }
    }

    private mutating func noteStopping(_ seen: MemberObservation, _ index: Int) {
        let member = state.members[index]
        switch seen.deployment?.outcome {
        // It was done before it could be stopped.
        case .succeeded: state.members[index].phase = .due
        case .returned: settle(index)
        case .superseded: supersede(index)
        case nil: if seen.moving != member.deployment?.request { supersede(index) }
        }
    }

    /// A member that rests must go on serving the wanted release, or somebody else has decided about it.
    private mutating func noteResting(_ seen: MemberObservation, _ index: Int) {
        let member = state.members[index]
        if member.phase == .kept, state.turn != nil { return }
        guard (seen.moving?.release ?? seen.serving) != member.release else { return }
        guard seen.moving == nil, let before = member.before, seen.serving == before else { return supersede(index) }
        // Whoever it was has taken it to where it belongs now.
        settle(index)
        turn(because: "\(member.service) was taken back to release \(before)")
    }

    private mutating func noteGoingBack(_ seen: MemberObservation, _ index: Int) {
        let member = state.members[index]
        switch seen.rollback?.outcome {
        case .succeeded: settle(index)
        case .returned(let reason): leave(index, "its way back failed: \(reason)")
        case .superseded: supersede(index)
        case nil: if seen.moving != member.rollback?.request { supersede(index) }
        }
    }

    /// Whoever asks a member for something else takes it out of the set, and the set goes back without it.
    private mutating func supersede(_ index: Int) {
        leave(index, "a request that is not the set's took its place")
        turn(because: "\(state.members[index].service) was asked for something else meanwhile")
    }

    private mutating func settle(_ index: Int) {
        state.members[index].phase = .returned
        let member = state.members[index]
        decide(member.service, member.before.map { "release \($0) serves again" } ?? "nothing serves, as before")
    }
}

// What is asked next.
extension ReleaseSetPass {
    /// Those that wait for nobody any more begin, side by side.
    mutating func beginThoseThatMay() {
        for index in state.members.indices {
            let member = state.members[index]
            guard member.phase == .waiting, state.unready(member).isEmpty, isFree(member) else { continue }
            let request = RolloutRequest(kind: .deploy, release: member.release, acceptedAt: now)
            state.members[index].phase = .moving
            state.members[index].deployment = ReleaseSetState.Order(request: request, rollout: nil)
            ask(member.service, request, "begins: deploy release \(member.release)")
        }
    }

    mutating func goBack() {
        for index in state.members.indices { turnBack(index) }
        // Each either goes back or is left to a person, who sets free those that it came after: so this ends.
        while let index = state.members.firstIndex(where: mayGoBack) { rollBack(index) }
    }

    private func mayGoBack(_ member: ReleaseSetState.Member) -> Bool {
        member.phase == .due && state.unsettled(member).isEmpty && isFree(member)
    }

    /// What a member that was on its way there does now that the set goes back.
    private mutating func turnBack(_ index: Int) {
        let member = state.members[index]
        switch member.phase {
        case .waiting: state.members[index].phase = .untouched
        case .succeeded: state.members[index].phase = .due
        case .moving:
            state.members[index].phase = .stopping(since: now)
            plan.orders.append(.abort(member.service, reason: "its release set goes back: \(state.turn?.reason ?? "")"))
            decide(member.service, "stop, and go back from release \(member.release)")
        case .kept, .stopping, .due, .goingBack, .returned, .untouched, .left: return
        }
    }

    private mutating func rollBack(_ index: Int) {
        let member = state.members[index]
        guard let before = member.before else { return leave(index, "nothing served before the set, so there is nothing to go back to") }
        if let refusal = observations[member.service]?.refusalBefore { return leave(index, "it can't go back to release \(before): \(refusal)") }
        let request = RolloutRequest(kind: .rollback, release: before, acceptedAt: now)
        state.members[index].phase = .goingBack
        state.members[index].rollback = ReleaseSetState.Order(request: request, rollout: nil)
        ask(member.service, request, "goes back to release \(before)")
    }

    /// Whether it was seen, and no command is on its way that a new rollout would get.
    private func isFree(_ member: ReleaseSetState.Member) -> Bool { observations[member.service].map { !$0.hasUntakenCommands } ?? false }

    private mutating func ask(_ service: ServiceName, _ request: RolloutRequest, _ what: String) {
        plan.orders.append(.request(service, request))
        decide(service, what)
    }
}
