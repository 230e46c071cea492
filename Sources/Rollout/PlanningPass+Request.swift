import IngotModel

// Taking up a request.
extension PlanningPass {
    mutating func accept(_ request: RolloutRequest) {
        var others: [ReleaseNumber] = []
        if let running = state.rollout {
            guard !isOnItsWay(running, to: request) else { return }
            others = supersede(running, by: request)
        }
        state.target.generation = firstGeneration.next
        state.retiring.removeAll { $0.release == request.release }
        if state.serving == request.release {
            guard let other = others.first else { return acceptServing(request) }
            // Who was taking over is who is to be replaced now.
            state.serving = other
            others.removeFirst()
        }
        begin(progress(for: request, from: state.serving, others: others.filter { $0 != request.release }))
    }

    private mutating func begin(_ rollout: RolloutProgress) {
        state.rollout = rollout
        decided.append(
            "\(rollout.request.kind.rawValue) release \(rollout.release)\(rollout.from.map { " in place of release \($0)" } ?? "")")
        if hooks(of: rollout, at: .before).isEmpty { beginPath(rollout) }
    }

    /// The first phase in which anything changes.
    mutating func beginPath(_ rollout: RolloutProgress) {
        state.rollout?.course.begunAt = now
        if isRecreate(rollout) {
            enter(.emptying, because: "drain and end the old release first: recreate")
            for fleet in fleetsBeside(rollout.release) { retire(fleet.release, notBefore: now) }
        } else {
            let first: RolloutPhase = rolling(rollout) == nil ? .starting : .replacing
            state.rollout?.phase = first
            state.rollout?.phaseSince = now
        }
    }

    /// Asking again for what is under way is no new wish; asking for what has failed is.
    private mutating func isOnItsWay(_ running: RolloutProgress, to request: RolloutRequest) -> Bool {
        guard running.request != request else { return true }
        guard running.release == request.release else { return false }
        if case .returning = running.phase { return false }
        decided.append("release \(request.release) is on its way already")
        return true
    }

    private mutating func acceptServing(_ request: RolloutRequest) {
        // After a recreate that gave way the serving release may be drained or gone, and in a canary it has but a part: then it has to
        // come back first.
        guard hasTraffic(request.release) else {
            state.serving = nil
            var rollout = progress(for: request, from: nil, others: [])
            rollout.phase = .starting
            state.rollout = rollout
            decided.append("\(request.kind.rawValue) release \(request.release), which was being replaced")
            return
        }
        decided.append("release \(request.release) already has the traffic")
        finished.append(
            FinishedRollout(progress: progress(for: request, from: request.release, others: []), outcome: .succeeded, at: now))
    }

    private func progress(for request: RolloutRequest, from: ReleaseNumber?, others: [ReleaseNumber]) -> RolloutProgress {
        let fleet = observation.fleet(request.release)
        var course = RolloutCourse()
        course.others = others
        course.mostHealthy = fleet.healthy
        return RolloutProgress(
            request: request, number: firstGeneration.next, from: from, phase: .preparing, phaseSince: now, switchDecidedAt: nil,
            switchedAt: nil, failuresAtStart: fleet.failures, failuresBeforeTraffic: fleet.failures, leastHealthy: nil, course: course)
    }

    /// Ends a running rollout in favour of a newer one. Whoever has the traffic keeps it until the newer one is ready.
    ///
    /// - Returns: the releases that have a part of it and are needed for it, beside the serving one: those of a rolling rollout half way.
    private mutating func supersede(_ running: RolloutProgress, by request: RolloutRequest) -> [ReleaseNumber] {
        var others = running.course.others.filter { state.target.split[$0] > .none }
        for release in running.course.others where !others.contains(release) { retire(release, notBefore: now) }
        // While it starts it may have the split without having anybody healthy to serve it.
        if hasTraffic(running.release), running.phase != .starting || observation.fleet(running.release).healthy > 0 {
            state.serving = running.release
            let warm = (running.switchedAt ?? now) + facts(of: running.release).timing.warm
            if !isRecreate(running) { for release in replaced(by: running) { retire(release, notBefore: rolling(running) == nil ? warm : now) } }
            others = []
        } else if isShared(running) {
            others.append(running.release)
        } else {
            retire(running.release, notBefore: now)
        }
        if let holder = others.first(where: hasTraffic) {
            for release in [state.serving].compactMap({ $0 }) + others where release != holder { retire(release, notBefore: now) }
            state.serving = holder
            others = []
        }
        state.rollout = nil
        finished.append(FinishedRollout(progress: running, outcome: .superseded(by: request.release), at: now))
        decided.append("the rollout of release \(running.release) gives way to release \(request.release)")
        return others
    }

    /// Whether both sides of a rollout are needed to carry the traffic.
    func isShared(_ rollout: RolloutProgress) -> Bool {
        (rolling(rollout) != nil || !rollout.course.others.isEmpty) && state.target.split[rollout.release] > .none && !hasTraffic(rollout.release)
    }
}

// What operators ask of a rollout.
extension PlanningPass {
    mutating func accept(_ command: RolloutCommand) {
        switch command {
        case .pause: pause(because: nil)
        case .resume: resume()
        case .promote(let isFull): promote(isFull: isFull)
        case .abort(let reason):
            guard let rollout = state.rollout, !rollout.isReturning else { return }
            resume()
            _ = giveUp(reason)
        case .scale(let size):
            guard state.scale != size else { return }
            state.scale = size.map { max(1, $0) }
            decided.append(
                size.map { "\(count(max(1, $0), "instance")) from now on, as an operator wished" } ?? "as many instances as the release says")
        }
    }

    mutating func pause(because reason: String?) {
        guard let rollout = state.rollout, !rollout.isReturning, rollout.course.pause == nil else { return }
        state.rollout?.course.pause = Pause(since: now, reason: reason)
        decided.append("the rollout of release \(rollout.release) pauses\(reason.map { ": \($0)" } ?? "")")
    }

    /// The time of a pause does not count for any deadline.
    private mutating func resume() {
        guard let rollout = state.rollout, let pause = rollout.course.pause else { return }
        state.rollout?.course.pause = nil
        // A pause of our own began because something was missing: it is waited for once more.
        let before = pause.reason == nil ? max(0, pause.since - rollout.phaseSince) : 0
        state.rollout?.phaseSince = now + Milliseconds(-before.count)
        decided.append("the rollout of release \(rollout.release) goes on")
    }

    private mutating func promote(isFull: Bool) {
        resume()
        guard let rollout = state.rollout, !rollout.isReturning else { return }
        guard isFull else {
            guard rollout.course.promotedStep != rollout.course.step else { return }
            state.rollout?.course.promotedStep = rollout.course.step
            return decided.append("step \(rollout.course.step + 1) of release \(rollout.release) is promoted")
        }
        guard !rollout.course.isPromotedInFull else { return }
        state.rollout?.course.isPromotedInFull = true
        decided.append("release \(rollout.release) is promoted in full")
        guard !isAtLastStep(rollout), rolling(rollout) == nil else { return }
        let last = path(of: rollout).steps.count - 1
        state.rollout?.course.step = last
        if [.switching, .soaking].contains(rollout.phase) { enter(.starting, because: "all further steps are skipped") }
    }
}

extension RolloutProgress {
    public var isReturning: Bool { if case .returning = phase { true } else { false } }
}
