import IngotModel

/// What is known when it is asked whether new values of secrets are to be rolled out.
struct RotationQuestion: Sendable, Equatable {
    /// How long no other value may have changed: what is changed together becomes one release.
    static let settling = Milliseconds.seconds(10)
    /// However much changes, it is waited no longer than this.
    static let longestSettling = Milliseconds.seconds(60)

    var rotation: SecretRotation
    /// The secrets of the release that serves; `nil` while none does.
    var serving: [String: Digest]?
    var readings: [SecretReading]
    /// The secrets of newer releases than the one that serves: somebody, or a rollout that went back, went away from those.
    var left: [[String: Digest]] = []
    /// What has to be over first, in words.
    var hindrance: String?
    /// Whether a person asks.
    var isAsked = false
    var now: Timestamp
}

/// Whether new values are rolled out. Pure.
enum RotationDecision: Sendable, Equatable {
    /// What serves has what the sources have.
    case rest
    /// A release with the new values of these is to be made.
    case roll([String])
    /// More may change at once.
    case settle(until: Timestamp)
    /// These have changed, and something stands in the way.
    case wait([String], String)

    init(_ question: RotationQuestion) { self = Self.decide(question) }

    private static func decide(_ question: RotationQuestion) -> RotationDecision {
        let changed = question.changed
        guard !changed.isEmpty else { return .rest }
        let names = changed.map(\.name).sorted()
        guard question.rotation == .roll || question.isAsked else {
            return .wait(names, "it is not rolled out by itself ('secrets-rotation: manual')")
        }
        let wanted = question.isAsked ? changed : changed.filter { !question.wasLeft($0) }
        guard !wanted.isEmpty else { return .wait(names, "a release that had it was left, and nothing brings that back by itself") }
        if let hindrance = question.hindrance { return .wait(names, hindrance) }
        if let until = question.settled(wanted) { return .settle(until: until) }
        return .roll(wanted.map(\.name).sorted())
    }
}

extension RotationQuestion {
    /// Only what the release that serves had from the same place: another place comes with the next deployment.
    fileprivate var changed: [SecretReading] {
        readings.filter { reading in
            guard let version = reading.version, let served = serving?[reading.name] else { return false }
            return version != served && reading.versions.contains(served)
        }
    }

    fileprivate func wasLeft(_ reading: SecretReading) -> Bool { left.contains { $0[reading.name] == reading.version } }

    /// When it is settled; `nil` when it is. A clock that was set back holds nothing up.
    fileprivate func settled(_ changed: [SecretReading]) -> Timestamp? {
        let moments = changed.compactMap(\.changedAt)
        guard !isAsked, let first = moments.min(), let last = moments.max(), last <= now else { return nil }
        let until = min(last + Self.settling, first + Self.longestSettling)
        return until > now ? until : nil
    }
}
