import API
import IngotModel
import Secrets

/// What is known of a secret: which value its source had last, and how the source is. Values are in the vault; here are versions.
struct SecretReading: Sendable, Codable, Equatable {
    /// Versions remembered, so that a release can be told to have had its value from this place.
    static let mostVersions = 32

    struct Failure: Sendable, Codable, Equatable {
        var error: SecretError
        var since: Timestamp
    }

    var name: String
    /// Of the place that it is read from. Another place is another secret, whatever it is called.
    var place: Digest
    /// The same in words.
    var reference: String
    var source: String
    /// The last good one; `nil` when there never was one.
    var version: Digest? { versions.last }
    /// All that the place has had, the newest last.
    var versions: [Digest] = []
    /// When the source last gave a value.
    var readAt: Timestamp?
    /// When it gave another one than before.
    var changedAt: Timestamp?
    var failure: Failure?

    init(_ name: String, _ reference: SecretReference) {
        self.name = name
        self.reference = reference.description
        source = reference.source
        place = Self.place(reference)
    }

    static func place(_ reference: SecretReference) -> Digest { .of((try? CanonicalJSON.text(reference)) ?? "") }

    /// After the source was asked again.
    func after(_ outcome: Result<Digest, SecretError>, at now: Timestamp) -> SecretReading {
        var reading = self
        switch outcome {
        case .success(let version):
            if version != self.version {
                reading.changedAt = self.version == nil ? nil : now
                reading.versions = (versions.filter { $0 != version } + [version]).suffix(Self.mostVersions)
            }
            reading.readAt = now
            reading.failure = nil
        case .failure(let error):
            reading.failure = Failure(error: error, since: failure?.since ?? now)
        }
        return reading
    }

    /// How old the value is that is in use; `nil` when there is none.
    func age(at now: Timestamp) -> Milliseconds? { readAt.map { max(0, now - $0) } }
}

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

/// Secrets whose source does not answer, in one line for each reason. Pure.
enum SecretAlarm {
    static func lines(_ readings: [SecretReading], of environment: EnvironmentID, at now: Timestamp) -> [String] {
        let failed = readings.filter { $0.failure != nil }
        return Dictionary(grouping: failed) { $0.failure?.error.message ?? "" }.sorted { $0.key < $1.key }.map { message, readings in
            let names = readings.map(\.name).sorted().joined(separator: ", ")
            guard let age = readings.compactMap({ $0.age(at: now) }).max() else {
                return "secrets of \(environment.environment) (\(names)) have no value: \(message)"
            }
            return "secrets of \(environment.environment) (\(names)) not refreshed for \(coarse(age)): \(message)"
        }
    }

    /// Whole minutes where there are any: an alarm that changes each second is no news.
    private static func coarse(_ age: Milliseconds) -> Milliseconds {
        let unit = age < .minutes(1) ? 1_000 : 60_000
        return Milliseconds(age.count / unit * unit)
    }
}
