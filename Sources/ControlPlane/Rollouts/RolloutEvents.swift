import API
import IngotModel
import Rollout

/// The events that tell of one pass. Pure.
enum RolloutEvents {
    static func drafts(
        of environment: EnvironmentID, ledger: RolloutLedger, records: [RolloutRecord], decided: [String], images: [ReleaseNumber: Digest]
    ) -> [EventDraft] {
        let rollout = ledger.running?.number ?? ledger.ended.last?.account.number
        let release = ledger.ended.last?.finished.progress.release ?? ledger.begun.last?.progress.release
        let started = ledger.begun.map { progress, requestedBy in
            EventDraft(
                .rolloutStarted, by: requestedBy, environment: environment, release: progress.release, image: images[progress.release],
                "rollout \(progress.number): \(progress.request.kind.rawValue) release \(progress.release)\(progress.from.map { " in place of release \($0)" } ?? "")"
            )
        }
        let steps = decided.map { words in
            EventDraft(
                .rolloutStep, environment: environment, release: release,
                rollout.map { "rollout \($0): \(words)" } ?? words)
        }
        return started + steps + records.map { ended($0, environment) }
    }

    private static func ended(_ record: RolloutRecord, _ environment: EnvironmentID) -> EventDraft {
        let action: Event.Action =
            switch record.result {
            case .succeeded: .rolloutSucceeded
            case .returned: .rolloutReturned
            case .superseded: .rolloutSuperseded
            }
        return EventDraft(
            action, environment: environment, release: record.release, image: record.image,
            "rollout \(record.number) \(record.result.rawValue)\(record.reason.map { ": \($0)" } ?? ""); \(summary(of: record.proof))")
    }

    static func summary(of proof: RolloutProof) -> String {
        guard !proof.releases.isEmpty else { return "no requests were counted" }
        return proof.releases.map { "release \($0.release) served \($0.served.requests), \($0.served.failed) failed" }
            .joined(separator: "; ")
    }

    /// Events for the failures that no event has told yet, and what will have been told then.
    static func failures(
        of environment: EnvironmentID, seen: [FleetFailures], fleets: [FleetObservation], images: [ReleaseNumber: Digest]
    ) -> (events: [EventDraft], seen: [FleetFailures]) {
        let known = Dictionary(seen.map { ($0.release, $0.count) }, uniquingKeysWith: max)
        let events = fleets.filter { $0.failures > known[$0.release] ?? 0 }.map { fleet in
            let more = fleet.failures - (known[fleet.release] ?? 0)
            return EventDraft(
                .instanceFailed, environment: environment, release: fleet.release, image: images[fleet.release],
                "\(more == 1 ? "an instance" : "\(more) instances") of release \(fleet.release) ended\(fleet.lastFailure.map { ": \($0)" } ?? " by itself")"
            )
        }
        return (events, fleets.filter { $0.failures > 0 }.map { FleetFailures(release: $0.release, count: $0.failures) })
    }
}
