public import IngotModel

/// How large things that cross the API may be, and how many come in one answer.
public enum Limits {
    /// The body of a request. A service's specification is the largest there is.
    public static let requestBody = ByteSize.mebibytes(1)
    /// The body of an answer that is read as a whole.
    public static let responseBody = ByteSize.mebibytes(64)
    /// One server-sent event.
    public static let serverSentEvent = ByteSize.mebibytes(4)
    /// Events in one answer of `GET /v1/events`, whatever `limit` says.
    public static let eventsPerPage = 1_000
    /// Lines that `GET …/logs?tail=` goes back, whatever it says.
    public static let logLines = 100_000
    /// The lines of output that are kept with a test's evidence.
    public static let evidenceOutput = ByteSize(64 << 10)
    /// Instances of one environment.
    public static let instances = SettingLimits.instances.upperBound
    /// Release sets in one answer, the newest ones.
    public static let releaseSets = 200
    /// Deployments and orders of one environment that were accepted and not taken up yet.
    public static let waitingWishes = 1_000
    /// Decisions of one person about one image in one environment.
    public static let approvals = 100
    /// Characters of the reason for an order.
    public static let reasonLength = 500
    /// Bytes of the name that a command gives its wish for a lock.
    public static let lockAttempt = 100
    /// Roles that are given, and tokens that have not ended, in all.
    public static let grants = 1_000
    public static let tokens = 1_000
    /// Of these, those of one person.
    public static let tokensOfPerson = 50
    /// Throwaway instances that another one may reach by name.
    public static let throwawayPeers = 8
    /// How long a throwaway instance may live, whatever was asked for: for the longest test that there can be, and the start of all it needs.
    public static let throwawayLifetime = Milliseconds.minutes(150)
    /// How long one may take until it is ready.
    public static let throwawayReadiness = Milliseconds.minutes(1)
}
