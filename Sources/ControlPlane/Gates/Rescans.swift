import IngotModel
import Logging
import Rollout

/// Has what runs, and what is kept for going back, examined again: a digest stays as it is, what is known of it does not.
struct Rescans: Sendable {
    private static let recordedAtOnce = 100

    let store: ControlStore
    let gates: any ImageGates
    let examinations: Examinations
    let logger: Logger

    init(store: ControlStore, gates: any ImageGates, examinations: Examinations, logger: Logger) {
        self.store = store
        self.gates = gates
        self.examinations = examinations
        self.logger = logger
    }

    /// Runs until the task is cancelled. What goes wrong is logged, and tried again.
    func run() async {
        while !Task.isCancelled {
            do {
                try await look()
            } catch {
                logger.error("images could not be examined again", metadata: ["error": "\(ErrorReport(error).lines.joined(separator: "; "))"])
            }
            await store.clock.sleep(RescanSchedule.nextLook(now: store.clock.now()))
        }
    }

    /// Examines everything if it is time.
    func look() async throws {
        let now = store.clock.now()
        let basis = "\(await gates.advisories() ?? "no advisories"), policies \(try await store.gatePolicies())"
        guard RescanSchedule.isDue(after: try await store.lastRescan(), basis: basis, now: now) else { return }
        for service in try await store.services() {
            if let specification = try await store.specification(of: service) { try await rescan(specification) }
        }
        try await store.save(Rescan(at: now, basis: basis))
    }

    /// An image that can't be examined does not hold up the others. Nothing is known of it any more, so no gate lets it through.
    private func rescan(_ service: ServiceSpecification) async throws {
        var examined: [ExaminedImage] = []
        for (image, places) in try await store.places(of: service.service, releasesKept: Desk.releasesKept) {
            try Task.checkCancellation()
            do {
                examined.append(ExaminedImage(verdicts: try await examinations.verdicts(on: image, of: service), places: places))
            } catch let error where !Task.isCancelled {
                let verdicts = GateVerdict.unexamined(image, by: service.gates, at: store.clock.now(), error)
                examined.append(ExaminedImage(verdicts: verdicts, places: places))
                logger.error(
                    "an image could not be examined again",
                    metadata: ["image": "\(image)", "error": "\(ErrorReport(error).lines.joined(separator: "; "))"])
            }
            // Each transaction waits for the disk.
            if examined.count >= Self.recordedAtOnce {
                try await store.record(examined, of: service.service)
                examined = []
            }
        }
        if !examined.isEmpty { try await store.record(examined, of: service.service) }
    }
}

extension ControlStore {
    /// The images of a service that run, move or are kept, each with its environments.
    func places(of service: ServiceName, releasesKept: Int) async throws -> [(image: Digest, places: [ImagePlace])] {
        var places: [Digest: [ImagePlace]] = [:]
        for environment in try await environments() where environment.service == service {
            for (image, use) in try await uses(of: environment, releasesKept: releasesKept) {
                places[image, default: []].append(ImagePlace(environment: environment, use: use))
            }
        }
        return places.map { ($0.key, $0.value) }.sorted { $0.image < $1.image }
    }

    /// The images of an environment's newest releases, and of those that its state or a wish names.
    func uses(of environment: EnvironmentID, releasesKept: Int) async throws -> [Digest: ImagePlace.Use] {
        let record = try await self.environment(environment)
        var uses: [Digest: ImagePlace.Use] = [:]
        for release in try await releases(of: environment, limit: releasesKept) { uses[release.image] = .isKept }
        for number in (record?.state.namedReleases ?? []).union(record?.requests.map(\.request.release) ?? []) {
            if let release = try await release(number, of: environment) { uses[release.image] = .runs }
        }
        return uses
    }
}
