import IngotModel

/// How long the router may take to close connections before an instance is ended with them open.
let cutPatience: Milliseconds = .seconds(5)

// Ending old fleets.
extension PlanningPass {
    mutating func retire(_ release: ReleaseNumber, notBefore: Timestamp) {
        state.leaving.removeAll { $0.release == release }
        if let index = state.retiring.firstIndex(where: { $0.release == release }) {
            state.retiring[index].notBefore = min(state.retiring[index].notBefore, notBefore)
        } else {
            state.retiring.append(Retirement(release: release, notBefore: notBefore, step: .warm, stepSince: now))
        }
    }

    /// A fleet that runs and that nobody named, such as one left by a daemon whose state was lost, ends like any other.
    mutating func retireStrays() {
        let wanted = Set(
            [state.serving, state.rollout?.from, state.rollout?.release].compactMap { $0 } + (state.rollout?.course.others ?? [])
                + state.retiring.map(\.release))
        for fleet in observation.fleets where !fleet.isGone && !wanted.contains(fleet.release) {
            decided.append("release \(fleet.release) runs and is not wanted: it ends")
            retire(fleet.release, notBefore: now)
        }
    }

    mutating func advanceRetirements() {
        let kept = keptReleases
        state.retiring = state.retiring.filter { !kept.contains($0.release) }.compactMap { advanced($0) }
    }

    /// A retirement after this pass; `nil` once its fleet is gone.
    private mutating func advanced(_ retirement: Retirement) -> Retirement? {
        guard !observation.fleet(retirement.release).isGone else { return nil }
        return switch retirement.step {
        case .warm: advancedWarm(retirement)
        case .draining: advancedDraining(retirement)
        case .cutting: advancedCutting(retirement)
        case .ending: advancedEnding(retirement)
        }
    }

    private mutating func advancedWarm(_ retirement: Retirement) -> Retirement? {
        guard now >= retirement.notBefore else {
            wait(for: "release \(retirement.release), kept warm", until: retirement.notBefore, otherwise: "it ends")
            return retirement
        }
        return advanced(moved(retirement, to: .draining))
    }

    private mutating func advancedDraining(_ retirement: Retirement) -> Retirement? {
        let fleet = observation.fleet(retirement.release)
        var retirement = retirement
        if retirement.drain == nil { retirement.drain = Retirement.Drain(since: now, streams: fleet.streamsInFlight) }
        if hasDrained(fleet) {
            decided.append("release \(fleet.release) has no request in flight: its instances end")
            return advanced(moved(retirement, to: .ending))
        }
        let timing = facts(of: fleet.release).timing
        let isStreaming = fleet.requestsInFlight == 0 && fleet.streamsInFlight > 0
        let what = isStreaming ? count(fleet.streamsInFlight, "stream") : count(fleet.requestsInFlight, "request")
        let deadline = retirement.stepSince + (isStreaming ? max(timing.drain, timing.streamDrain) : timing.drain)
        guard now < deadline else {
            decided.append("release \(fleet.release) has had its time to drain: \(what) are cut")
            return advanced(moved(retirement, to: .cutting))
        }
        wait(for: "\(what) of release \(fleet.release) to end", until: deadline, otherwise: "the rest is cut")
        wakeForStreams(of: retirement.drain)
        return retirement
    }

    private mutating func advancedCutting(_ retirement: Retirement) -> Retirement? {
        let fleet = observation.fleet(retirement.release)
        if hasDrained(fleet) { return advanced(moved(retirement, to: .ending)) }
        let streamsUntil = (retirement.drain?.since ?? retirement.stepSince) + facts(of: fleet.release).timing.streamDrain
        if fleet.requestsInFlight == 0, fleet.streamsInFlight > 0, now < streamsUntil {
            wait(
                for: "\(count(fleet.streamsInFlight, "stream")) of release \(fleet.release) to end", until: streamsUntil,
                otherwise: "the rest is closed")
            wakeForStreams(of: retirement.drain)
            return retirement
        }
        let deadline = max(retirement.stepSince, fleet.streamsInFlight > 0 ? streamsUntil : retirement.stepSince) + cutPatience
        if now >= deadline { return advanced(moved(retirement, to: .ending)) }
        wait(for: "the router to cut the last requests of release \(fleet.release)", until: deadline, otherwise: "its instances end all the same")
        return retirement
    }

    /// The limit of streams is lower a second from now.
    mutating func wakeForStreams(of drain: Retirement.Drain?) {
        guard let drain, drain.streams > 0 else { return }
        deadlines.append(drain.since + .seconds((now - drain.since).count / 1_000 + 1))
    }

    private mutating func advancedEnding(_ retirement: Retirement) -> Retirement? {
        let fleet = observation.fleet(retirement.release)
        wait(for: "\(count(fleet.instances.count, "instance")) of release \(fleet.release) to end", endedBy: .engine)
        return retirement
    }

    private func moved(_ retirement: Retirement, to step: Retirement.Step) -> Retirement {
        Retirement(release: retirement.release, notBefore: retirement.notBefore, step: step, stepSince: now, drain: retirement.drain)
    }

    /// Whether a fleet can end without anybody noticing: the router says that it has no request and gets none.
    private func hasDrained(_ fleet: FleetObservation) -> Bool {
        if fleet.instances.isEmpty { return true }
        return isOutOfTraffic(fleet) && fleet.requestsInFlight + fleet.streamsInFlight == 0
    }

    /// Whether the router has the latest target in force, by which a fleet drains, and says so for every instance.
    private func isOutOfTraffic(_ fleet: FleetObservation) -> Bool {
        guard let split = observation.split, state.target.draining.contains(fleet.release) else { return false }
        // A route that was asked for earlier may come into force late, and give the fleet traffic again.
        if let inForce = observation.routeGeneration, inForce < firstGeneration { return false }
        return split[fleet.release] == BasisPoints.none
            && fleet.instances.allSatisfy { $0.health == .draining || $0.health == .ending || $0.health == .starting }
    }
}
