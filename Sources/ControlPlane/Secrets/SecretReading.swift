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
