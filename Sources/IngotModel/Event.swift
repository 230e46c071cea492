/// Something that was done: who did what, when, to which environment and digest.
///
/// Events are chained: each holds the digest of the one before, so that removing or changing one is
/// found by `ingot events --verify`.
public struct Event: Hashable, Sendable, Codable {
    /// Counts from 1, without gaps.
    public var sequence: Int
    public var at: Timestamp
    /// Who asked, in the form of `Principal`: `user:root`; or `ingot` for what the daemon decided itself.
    public var actor: String
    /// What was done, from a fixed list of words: `rollout.started`.
    public var action: Action
    public var environment: EnvironmentID?
    public var release: ReleaseNumber?
    public var image: Digest?
    /// In a person's words.
    public var message: String
    /// The digest of the event before; of no bytes for the first.
    public var previous: Digest

    public enum Action: String, Sendable, Codable, CaseIterable {
        case daemonStarted = "daemon.started"
        case daemonStopped = "daemon.stopped"
        case serviceRegistered = "service.registered"
        case imagePromoted = "image.promoted"
        case testPassed = "test.passed"
        case testFailed = "test.failed"
        case gatePassed = "gate.passed"
        case gateFailed = "gate.failed"
        case imageVulnerable = "image.vulnerable"
        case imageMended = "image.mended"
        case promotionRefused = "promotion.refused"
        case promotionApproved = "promotion.approved"
        case promotionRejected = "promotion.rejected"
        case freezePlaced = "freeze.placed"
        case freezeLifted = "freeze.lifted"
        case freezeOverridden = "freeze.overridden"
        case releaseCreated = "release.created"
        case rolloutStarted = "rollout.started"
        case rolloutStep = "rollout.step"
        case rolloutSucceeded = "rollout.succeeded"
        case rolloutReturned = "rollout.returned"
        case rolloutSuperseded = "rollout.superseded"
        case rolloutPaused = "rollout.paused"
        case rolloutResumed = "rollout.resumed"
        case rolloutPromoted = "rollout.promoted"
        case rolloutAborted = "rollout.aborted"
        case environmentScaled = "environment.scaled"
        case imageRejected = "image.rejected"
        case imageAccepted = "image.accepted"
        case setRefused = "set.refused"
        case setStarted = "set.started"
        case setStep = "set.step"
        case setTurned = "set.turned"
        case setSucceeded = "set.succeeded"
        case setReturned = "set.returned"
        case holdPlaced = "hold.placed"
        case holdReleased = "hold.released"
        case lockAcquired = "lock.acquired"
        case lockReleased = "lock.released"
        case lockExpired = "lock.expired"
        case lockTaken = "lock.taken"
        case instanceFailed = "instance.failed"
        case accessGranted = "access.granted"
        case accessRevoked = "access.revoked"
        case accessRefused = "access.refused"
        case tokenCreated = "token.created"
        case tokenRevoked = "token.revoked"
        case startRefused = "start.refused"
        case orphanEnded = "orphan.ended"
        case routerRestarted = "router.restarted"
        case garbageCollected = "garbage.collected"
        case secretChanged = "secret.changed"
        case secretFailed = "secret.failed"
        case secretRecovered = "secret.recovered"
    }

    public init(
        sequence: Int, at: Timestamp, actor: String, action: Action, environment: EnvironmentID? = nil, release: ReleaseNumber? = nil,
        image: Digest? = nil, message: String, previous: Digest
    ) {
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.action = action
        self.environment = environment
        self.release = release
        self.image = image
        self.message = message
        self.previous = previous
    }
}
