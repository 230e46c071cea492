/// `HEALTHCHECK`; a time or count of `nil` is the engine's default.
public struct HealthCheck: Hashable, Sendable {
    /// `nil` for `HEALTHCHECK NONE`.
    public var command: Command?
    public var interval: Duration?
    public var timeout: Duration?
    public var startPeriod: Duration?
    /// How often it is tried within the start period.
    public var startInterval: Duration?
    public var retries: Int?
}
