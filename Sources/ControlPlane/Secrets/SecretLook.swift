import IngotModel
import Secrets

/// What one look at the sources of an environment came to. Pure.
struct SecretLook: Sendable {
    var environment: EnvironmentID
    var before: [String: SecretReading]
    var after: [SecretReading]
    var at: Timestamp

    /// How much may be forgotten, at the end of the daemon, of when a source was last well.
    private static let restingTime = Milliseconds.minutes(5)

    /// Those that must be on the disk. That a source is well again and again is stored seldom.
    var toStore: [SecretReading] {
        after.filter { reading in
            guard var known = before[reading.name] else { return true }
            if let stored = known.readAt, let read = reading.readAt, read >= stored, read - stored < Self.restingTime { known.readAt = read }
            return known != reading
        }
    }

    var events: [EventDraft] { changes + failures + recoveries }

    private var changes: [EventDraft] {
        after.filter { $0.version != before[$0.name]?.version && before[$0.name]?.version != nil && before[$0.name]?.place == $0.place }.map {
            EventDraft(.secretChanged, environment: environment, "the secret \($0.name) has another value: version \($0.version?.short ?? "")")
        }
    }

    /// Secrets that fail for the same reason are one event. Other words for the same kind of failure are no news.
    private var failures: [EventDraft] {
        let begun = after.filter { $0.failure != nil && before[$0.name]?.failure?.error.kind != $0.failure?.error.kind }
        return Dictionary(grouping: begun) { $0.failure?.error.message ?? "" }.sorted { $0.key < $1.key }.map { message, readings in
            let uses = readings.contains { $0.version == nil } ? "" : "; the last good value stays in use"
            return EventDraft(
                .secretFailed, environment: environment, "\(Self.names(readings)) could not be read: \(message)\(uses)")
        }
    }

    private var recoveries: [EventDraft] {
        let over = after.filter { $0.failure == nil && before[$0.name]?.failure != nil }
        guard !over.isEmpty else { return [] }
        return [EventDraft(.secretRecovered, environment: environment, "\(Self.names(over)) could be read again")]
    }

    static func names(_ readings: [SecretReading]) -> String {
        "the secret\(readings.count == 1 ? "" : "s") \(readings.map(\.name).sorted().joined(separator: ", "))"
    }
}
