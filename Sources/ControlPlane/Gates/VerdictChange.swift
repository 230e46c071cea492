import IngotModel

/// A verdict and whether the one before passed. Pure.
struct VerdictChange {
    /// `nil` when there was none.
    var before: Bool?
    var verdict: GateVerdict

    /// Nothing where nothing changed: the first verdict is news only when it says no.
    func events(in places: [ImagePlace]) -> [EventDraft] {
        guard verdict.passes != (before ?? true) else { return [] }
        return places.map { place in
            EventDraft(action, environment: place.environment, image: verdict.image, "image \(verdict.image.short), \(place.words), \(words)")
        }
    }

    private var action: Event.Action {
        switch (verdict.gate, verdict.passes) {
        case (.vulnerabilities, false): .imageVulnerable
        case (.vulnerabilities, true): .imageMended
        case (_, false): .gateFailed
        case (_, true): .gatePassed
        }
    }

    private var words: String {
        guard let first = verdict.objections.first else { return "passes the gate '\(verdict.gate.rawValue)' again: \(verdict.summary)" }
        let more = verdict.objections.count > 1 ? " (and \(verdict.objections.count - 1) more)" : ""
        return "does not pass the gate '\(verdict.gate.rawValue)': \(first.message)\(more)"
    }
}
