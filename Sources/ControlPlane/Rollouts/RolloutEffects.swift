import Engine
import IngotModel
import Logging
import Rollout

/// What a rollout asks for besides fleets and a route: hooks, measurements, probes. It keeps them going as the target says, and adds what
/// they came to to what is observed.
protocol RolloutEffects: Sendable {
    func add(to observation: inout Observation, of state: EnvironmentState) async throws
    func keep(_ target: EnvironmentTarget, _ state: EnvironmentState, _ releases: [ReleaseNumber: Release]) async throws
    /// Ends what runs.
    func stop() async
}

/// The real ones: processes and requests of this machine.
struct LocalEffects: RolloutEffects {
    private let environment: EnvironmentID
    private let executor: Executor
    private let hooks: HookRunner
    private let measurements: MeasurementRunner
    private let probes: ProbeRunner

    init(_ environment: EnvironmentID, executor: Executor, store: ControlStore, logger: Logger, wakeup: Wakeup) {
        self.environment = environment
        self.executor = executor
        hooks = HookRunner(environment, store: store, logger: logger) { wakeup.wake() }
        measurements = MeasurementRunner(clock: store.clock, logger: logger) { wakeup.wake() }
        probes = ProbeRunner(clock: store.clock) { wakeup.wake() }
    }

    func add(to observation: inout Observation, of state: EnvironmentState) async throws {
        let rollouts = Set([state.rollout?.number].compactMap { $0 } + state.followUps.map(\.run.rollout))
        guard !rollouts.isEmpty else { return }
        observation.hooks = try await hooks.results(of: rollouts)
        observation.measurements = await measurements.measurements
        observation.probes = await probes.count
    }

    func keep(_ target: EnvironmentTarget, _ state: EnvironmentState, _ releases: [ReleaseNumber: Release]) async throws {
        let needsEndpoints = !target.hooks.isEmpty || target.probed != nil
        let fleets = needsEndpoints ? try await executor.engine.fleets(of: environment) : []
        try await hooks.keep(target.hooks.compactMap { call($0, state, releases, fleets) })
        await measurements.keep(measured(target, state, releases), resuming: state.rollout?.course.analysis?.measurements ?? [])
        await probes.keep(probed(target, state, releases, fleets))
    }

    /// Kills what runs: a daemon that goes leaves no process of its own behind.
    func stop() async {
        await hooks.stop()
        await measurements.stop()
        await probes.stop()
    }

    private func call(
        _ run: HookRun, _ state: EnvironmentState, _ releases: [ReleaseNumber: Release], _ fleets: [FleetStatus]
    ) -> HookCall? {
        let running = state.rollout.flatMap { $0.number == run.rollout ? $0.release : nil }
        guard let number = running ?? state.followUps.first(where: { $0.run == run })?.release, let release = releases[number] else { return nil }
        return HookCall(run: run, release: release, url: Self.endpoints(of: number, fleets).first.map { "http://\($0)" })
    }

    private func measured(_ target: EnvironmentTarget, _ state: EnvironmentState, _ releases: [ReleaseNumber: Release]) -> MeasuredRelease? {
        guard let number = target.measured, let rollout = state.rollout?.number, let checks = releases[number]?.analysis?.metrics else { return nil }
        return MeasuredRelease(rollout: rollout, subject: MetricSubject(environment: environment, release: number), checks: checks)
    }

    private func probed(
        _ target: EnvironmentTarget, _ state: EnvironmentState, _ releases: [ReleaseNumber: Release], _ fleets: [FleetStatus]
    ) -> ProbeTarget? {
        guard let number = target.probed, let rollout = state.rollout?.number, let release = releases[number] else { return nil }
        return ProbeTarget(
            rollout: rollout, release: number, host: release.host, path: release.run.readiness.path ?? "/",
            endpoints: Self.endpoints(of: number, fleets), deadline: release.run.readiness.timeout)
    }

    private static func endpoints(of release: ReleaseNumber, _ fleets: [FleetStatus]) -> [Endpoint] {
        fleets.first { $0.fleet.release == release }?.instances.filter { !$0.isEnding }.map(\.endpoint) ?? []
    }
}
