import API
import IngotModel
import Logging
import Secrets
import Synchronization

/// Asks the sources of secrets on their schedule, and has new values rolled out. What is to be done is decided in `RotationDecision`.
final class SecretRefreshes: Sendable {
    /// How often it is looked for environments that have got secrets.
    static let rest = Milliseconds.seconds(30)
    /// Between two looks, whatever is due.
    static let floor = Milliseconds.seconds(1)
    /// Environments that are refreshed at once: after a start all of them are due.
    static let atOnce = 8

    private struct Plan {
        /// The environments that have secrets, as they were at a moment; `nil` when something was registered since.
        var places: (list: [PlaceWithSecrets], at: Timestamp)?
        /// How often something was registered.
        var registrations = 0
        var next: [EnvironmentID: Timestamp] = [:]
        var waits: [EnvironmentID: String] = [:]
    }

    let readings: SecretReadings
    private let store: ControlStore
    private let deployments: Deployments
    private let logger: Logger
    private let wakeup = Wakeup()
    private let plan = Mutex(Plan())

    init(readings: SecretReadings, store: ControlStore, deployments: Deployments, logger: Logger) {
        self.readings = readings
        self.store = store
        self.deployments = deployments
        self.logger = logger
    }

    /// Something was registered.
    func wake() {
        plan.withLock { plan in
            plan.places = nil
            plan.registrations += 1
        }
        wakeup.wake()
    }

    /// The environments that have secrets. They are read from the database when something was registered, and every half minute.
    func places() async throws -> [PlaceWithSecrets] {
        let now = store.clock.now()
        let (known, registrations) = plan.withLock { ($0.places, $0.registrations) }
        if let known, known.at <= now, now - known.at < Self.rest { return known.list }
        let list = try await store.environmentsWithSecrets()
        // Of what was registered meanwhile, this may lack something.
        plan.withLock { plan in if plan.registrations == registrations { plan.places = (list, now) } }
        return list
    }

    /// Runs until the task is cancelled. What goes wrong is logged, and tried again.
    func run() async {
        while !Task.isCancelled {
            let next: Timestamp
            do { next = try await look() } catch {
                logger.error("secrets could not be refreshed", metadata: ["error": "\(ErrorReport(error).lines.joined(separator: "; "))"])
                next = store.clock.now() + Self.rest
            }
            await wakeup.wait(until: next, by: store.clock)
        }
    }

    /// Refreshes what is due; returns when something is again.
    func look() async throws -> Timestamp {
        let places = try await places()
        await readings.forget(except: Set(places.map(\.environment)))
        let began = store.clock.now()
        let due = places.filter { place in
            // A clock that was set back must not put anything off.
            plan.withLock { $0.next[place.environment] }.map { $0 <= began || $0 > began + place.specification.secretRefresh.interval } ?? true
        }
        await withTaskGroup(of: Void.self) { group in
            for (index, place) in due.enumerated() {
                if index >= Self.atOnce { await group.next() }
                group.addTask { await self.refreshQuietly(place) }
            }
        }
        let now = store.clock.now()
        let next = plan.withLock { plan in places.compactMap { plan.next[$0.environment] }.min() }
        return max(now + Self.floor, min(next ?? now + Self.rest, now + Self.rest))
    }

    private func refreshQuietly(_ place: PlaceWithSecrets) async {
        do { _ = try await refresh(place, isAsked: false) } catch {
            logger.error(
                "secrets could not be refreshed",
                metadata: ["environment": "\(place.environment)", "error": "\(ErrorReport(error).lines.joined(separator: "; "))"])
            schedule(place, after: place.specification.secretRefresh.interval, waits: nil)
        }
    }

    /// One look at the sources of an environment, and what comes of it.
    ///
    /// - Parameter isAsked: whether a person wants it now.
    @discardableResult
    func refresh(
        _ place: PlaceWithSecrets, isAsked: Bool, token: FencingToken? = nil, by actor: String = EventDraft.daemon
    ) async throws -> SecretRotationAnswer {
        try await readings.refresh(place.environment, place.specification.secrets, isUrgent: isAsked)
        let answer = try await deployments.rotateSecrets(in: place.environment, isAsked: isAsked, token: token, by: actor)
        let interval = place.specification.secretRefresh.interval
        switch answer.decision {
        case .rest, .roll: schedule(place, after: interval, waits: nil)
        case .settle(let until): schedule(place, after: min(interval, until - store.clock.now()), waits: nil)
        case .wait: schedule(place, after: interval, waits: answer.waits)
        }
        return answer
    }

    private func schedule(_ place: PlaceWithSecrets, after time: Milliseconds, waits: String?) {
        let next = store.clock.now() + time
        plan.withLock { plan in
            plan.next[place.environment] = next
            plan.waits[place.environment] = waits
        }
    }

    /// What changed and is not rolled out, and why.
    func waits(in environment: EnvironmentID) -> String? { plan.withLock { $0.waits[environment] } }
}

/// An environment that has secrets.
struct PlaceWithSecrets: Sendable {
    var environment: EnvironmentID
    var specification: EnvironmentSpecification
}

struct SecretRotationAnswer: Sendable {
    var decision: RotationDecision
    /// What comes of it.
    var accepted: DeploymentAccepted?

    /// What changed and is not rolled out, and why.
    var waits: String? {
        guard case .wait(let names, let why) = decision else { return nil }
        return "\(names.joined(separator: ", ")) changed: \(why)"
    }
}
