import Gates
import IngotModel
import Synchronization

/// Verifies an image before each start of an instance: what its release was promoted with must be signed by keys that its environment trusts now,
/// and nobody may have rejected it. Deployments, scaling, replacements and restarts all come by here.
public final class VerifiedStarts: Sendable {
    private let signatures: any ImageGates
    /// The parts are made before the daemon has all it needs to answer.
    private let store = Mutex<ControlStore?>(nil)
    /// Why starts of a fleet were refused last, so that each reason is one event, however often it is tried.
    private let told = Mutex<[FleetID: String]>([:])
    private static let mostTold = 1_000

    init(signatures: any ImageGates) { self.signatures = signatures }

    func answer(from store: ControlStore) { self.store.withLock { $0 = store } }

    /// - Throws: what speaks against it.
    func check(_ image: Digest, of fleet: FleetID) async throws {
        guard let store = store.withLock({ $0 }) else { throw Self.notReady }
        do {
            try await verify(image, of: fleet, store)
            told.withLock { $0[fleet] = nil }
        } catch let error as ControlError where error.fault == .gate {
            try await tell(error, image, fleet, store)
            throw error
        }
    }

    private func tell(_ refusal: ControlError, _ image: Digest, _ fleet: FleetID, _ store: ControlStore) async throws {
        let isNew = told.withLock { told in
            if told.count >= Self.mostTold { told = [:] }
            return told.updateValue(refusal.message, forKey: fleet) != refusal.message
        }
        guard isNew else { return }
        try await store.record([
            EventDraft(.startRefused, environment: fleet.environment, release: fleet.release, image: image, refusal.message)
        ])
    }

    private func verify(_ image: Digest, of fleet: FleetID, _ store: ControlStore) async throws {
        if let reason = try await store.rejection(of: image) { throw Self.rejected(image, reason) }
        guard let (demands, rules) = try await store.signatures(of: fleet) else { throw Self.unknown(fleet) }
        let requirements = StartPolicy.requirements(demands, by: rules)
        guard !requirements.isEmpty else { return }
        var keys: [VerificationKey.ID: VerificationKey] = [:]
        for key in requirements.flatMap(\.trusted) { keys[key.id] = key }
        let evidence = try await signatures.signed(about: image, keys: Array(keys.values))
        let missing = StartPolicy.missing(requirements, evidence, at: store.clock.now())
        guard missing.isEmpty else { throw Self.unverified(image, fleet, missing) }
    }

    // MARK: Errors

    private static let notReady = ControlError.system(
        "starts-not-ready", "the daemon does not know yet what may start", remedy: "it tries again by itself")

    private static func rejected(_ image: Digest, _ reason: String) -> ControlError {
        ControlError(
            "start-rejected", "image \(image.short) was rejected: \(reason)",
            remedy: "deploy another image; `ingot image accept \(image.short)` takes the rejection back", fault: .gate, kind: .refused)
    }

    private static func unknown(_ fleet: FleetID) -> ControlError {
        ControlError(
            "start-unknown", "no release \(fleet) is on record, so nobody knows what must be signed of it",
            remedy: "see `ingot release list \(fleet.environment)`", fault: .gate, kind: .refused)
    }

    private static func unverified(_ image: Digest, _ fleet: FleetID, _ missing: [String]) -> ControlError {
        ControlError(
            "start-unverified", "no instance of \(fleet) is started: \(missing.joined(separator: "; "))",
            remedy: "sign image \(image.short) with a key that \(fleet.environment) trusts: `ingot sign \(image.short) --key KEY`", fault: .gate,
            kind: .refused)
    }
}
