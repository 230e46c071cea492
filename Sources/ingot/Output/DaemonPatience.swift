import Client
import IngotModel

/// Bears with a daemon that is away for a while, as when it is upgraded: what it was asked goes on without anybody looking.
struct DaemonPatience {
    /// How long it may be away until following it is given up.
    static let limit = Milliseconds.minutes(2)

    /// What is followed, as in "the rollout is taken up again".
    let what: String
    let progress: Progress
    private var awaySince: ContinuousClock.Instant?

    init(what: String, progress: Progress) {
        self.what = what
        self.progress = progress
    }

    mutating func answerCame() { awaySince = nil }

    /// - Throws: the error, when it is another, or when the daemon has been away for too long.
    mutating func bear(_ error: ClientError) throws {
        guard ["client.stream-broken", "client.daemon-not-running", "client.unreachable"].contains(error.code) else { throw error }
        let since = awaySince ?? .now
        awaySince = since
        guard ContinuousClock.now - since < Self.limit.duration else { throw error }
        progress.start("away", "the daemon is away; \(what) is taken up again when it is back")
    }

    /// There is nothing to wait on while the daemon is away but trying again; the limit above is the bound.
    static func pause() async throws { try await Task.sleep(for: .milliseconds(250)) }
}
