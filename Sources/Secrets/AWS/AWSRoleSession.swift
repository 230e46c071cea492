internal import IngotModel

/// A role's credentials while they hold. Pure.
struct AWSRoleSession: Sendable {
    /// There are new ones at least so long before the old ones end.
    ///
    /// Source: Amazon EC2 User Guide, "Retrieve security credentials from instance metadata".
    static let margin = Milliseconds.minutes(5)

    private var kept: (credentials: AWSCredentials, expiration: Timestamp)?
    private var isDoubted = false

    /// Those for which no others need to be fetched.
    func current(at now: Timestamp) -> AWSCredentials? {
        guard let kept, !isDoubted, now + Self.margin < kept.expiration else { return nil }
        return kept.credentials
    }

    /// Those that still hold when no others can be had.
    func held(at now: Timestamp) -> AWSCredentials? {
        guard let kept, now < kept.expiration else { return nil }
        return kept.credentials
    }

    /// - Parameter expiration: what does not say when it ends is not kept.
    mutating func keep(_ credentials: AWSCredentials, until expiration: Timestamp?) {
        kept = expiration.map { (credentials, $0) }
        isDoubted = false
    }

    /// They were refused: the role may have been changed, or taken back before its time.
    mutating func doubt() { isDoubted = true }
}
