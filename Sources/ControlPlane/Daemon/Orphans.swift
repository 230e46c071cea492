import Engine
import IngotModel
import Logging
import Rollout

/// Finds what runs although nobody owns it, and ends it: what a daemon that died half-way left behind.
struct Orphans: Sendable {
    let engine: any Engine
    let store: ControlStore
    let logger: Logger

    func end() async throws {
        for fleet in try await engine.allFleets() {
            guard try await !isOwned(fleet) else { continue }
            try await end(fleet)
            logger.warning("ended what nobody owned", metadata: ["fleet": "\(fleet)"])
            try await store.record([
                EventDraft(
                    .orphanEnded, environment: fleet.environment, release: fleet.release,
                    "instances of \(fleet) ran although nobody owned them; they end")
            ])
        }
    }

    private func isOwned(_ fleet: FleetID) async throws -> Bool {
        guard let record = try await store.environment(fleet.environment) else { return false }
        return record.state.namedReleases.contains(fleet.release) || record.requests.contains { $0.request.release == fleet.release }
    }

    private func end(_ fleet: FleetID) async throws {
        let specification = try await store.release(fleet.release, of: fleet.environment).map { FleetSpecification($0) } ?? Self.unknown(fleet)
        if let known = try await store.environment(fleet.environment)?.state.target.generation {
            return try await engine.resize(specification, to: 0, generation: known)
        }
        try await endUnknown(specification)
    }

    /// Of an environment that nobody knows nobody knows the generation either: the smallest power of two that the engine takes.
    private func endUnknown(_ specification: FleetSpecification) async throws {
        for power in 0..<62 {
            do {
                return try await engine.resize(specification, to: 0, generation: Generation(1 << power))
            } catch let error as EngineError where error.code == EngineError.staleGenerationCode {
                continue
            }
        }
    }

    /// To end a fleet, its name is enough.
    private static func unknown(_ fleet: FleetID) -> FleetSpecification {
        let readiness = Readiness(path: nil, startInterval: .seconds(1), interval: .seconds(1), timeout: .seconds(1), rise: 1, fall: 1)
        let run = RunSettings(
            port: 1, readiness: readiness, stopGrace: .seconds(10), resources: Resources(memory: .mebibytes(64), milliCPU: 100, processes: 16))
        return FleetSpecification(fleet: fleet, image: .ofNoBytes, run: run, configuration: [:], secretVersions: [:])
    }
}
