public import IngotModel

extension EnvironmentState {
    /// Looks once at everything and decides what is to be now.
    ///
    /// It is level-triggered: it may be called at any time, with any observation, as often as one likes;
    /// calling it again with the same input changes nothing more.
    ///
    /// - Parameters:
    ///   - request: a wish that has not been taken up yet; the newest one wins.
    ///   - commands: what operators asked since the last pass, oldest first; taken up after the request.
    ///   - releases: every release of `namedReleases`, and the requested one. Those of other fleets that were observed are welcome.
    ///   - observation: what the engine and the router say.
    ///   - now: the wall clock.
    public mutating func advance(
        request: RolloutRequest? = nil, commands: [RolloutCommand] = [], releases: [ReleaseNumber: ReleaseFacts], observation: Observation,
        now: Timestamp
    ) -> Plan {
        var pass = PlanningPass(state: self, releases: releases, observation: observation, now: now)
        pass.forgetFuture()
        if let request { pass.accept(request) }
        for command in commands { pass.accept(command) }
        pass.noteWhatWasSeen()
        pass.noteNumbers()
        // A phase may be over as soon as it begins (a warm fleet is healthy at once); each turn moves forward, so this ends.
        while pass.advanceRollout() {}
        pass.retireStrays()
        pass.advanceRetirements()
        pass.advanceFollowUps()
        let plan = pass.plan()
        self = pass.state
        return plan
    }

    /// Every release whose facts `advance` needs.
    public var namedReleases: Set<ReleaseNumber> {
        Set([serving, stable, rollout?.from, rollout?.release].compactMap { $0 } + retiring.map(\.release) + (rollout?.course.others ?? []))
            .union(followUps.map(\.release))
    }
}
