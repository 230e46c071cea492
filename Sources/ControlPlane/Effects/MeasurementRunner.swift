import IngotModel
import Logging

/// What is to be measured, of which rollout.
struct MeasuredRelease: Hashable, Sendable {
    var rollout: Generation
    var subject: MetricSubject
    var checks: [MetricCheck]
}

/// Takes the metrics of one environment's analysis, each at its own interval.
actor MeasurementRunner {
    private let clock: WallClock
    private let logger: Logger
    private let changes: @Sendable () -> Void

    private var wanted: MeasuredRelease?
    private var tasks: [Task<Void, Never>] = []
    private var last: [String: Measurement] = [:]

    /// - Parameter changes: called after each measurement.
    init(clock: WallClock, logger: Logger, changes: @escaping @Sendable () -> Void) {
        self.clock = clock
        self.logger = logger
        self.changes = changes
    }

    /// The last measurement of each metric that is wanted, in the order of their names.
    var measurements: [Measurement] { last.values.sorted { $0.check < $1.check } }

    /// Measures this from now on, and nothing else; `nil` for nothing at all. The same again changes nothing.
    ///
    /// - Parameter resuming: the measurements of this rollout that are known already, from a daemon before. They are counted on, and the next ones come
    ///   when they would have come.
    func keep(_ wanted: MeasuredRelease?, resuming: [Measurement] = []) {
        guard wanted != self.wanted else { return }
        cancel()
        self.wanted = wanted
        guard let wanted else { return }
        let known = Dictionary(resuming.map { ($0.check, $0) }, uniquingKeysWith: { first, _ in first })
        last = known.filter { name, _ in wanted.checks.contains { $0.name == name } }
        tasks = wanted.checks.map { check in Task { await self.follow(check, of: wanted.subject) } }
    }

    /// Returns when nothing is being measured any more.
    func stop() async {
        let tasks = tasks
        cancel()
        for task in tasks { await task.value }
    }

    private func cancel() {
        for task in tasks { task.cancel() }
        tasks = []
        last = [:]
        wanted = nil
    }

    private func follow(_ check: MetricCheck, of subject: MetricSubject) async {
        while !Task.isCancelled {
            await clock.sleep(next(check))
            guard !Task.isCancelled else { return }
            let reading = await MetricReading.take(check, of: subject)
            // Whoever cancels has cleared the measurements, and this one is none of the next.
            guard !Task.isCancelled else { return }
            let measurement = check.measurement(reading, after: last[check.name], at: clock.now())
            if measurement.badInRow + measurement.errorsInRow > 0 {
                logger.warning("a metric is not good", metadata: ["metric": "\(check.name)", "reading": "\(reading)"])
            }
            last[check.name] = measurement
            changes()
        }
    }

    /// Never later than one interval from now: the clock may have been set back since the last one.
    private func next(_ check: MetricCheck) -> Timestamp {
        let now = clock.now()
        return last[check.name].map { min($0.at, now) + check.interval } ?? now
    }
}
