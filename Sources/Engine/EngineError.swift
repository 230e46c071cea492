public import IngotModel

/// What went wrong in an engine or a router.
public struct EngineError: ExplainedError {
    /// Open, so that an engine can add its own: `engine.no-address-left`.
    public var code: String
    public var message: String
    public var remedy: String?
    public var fault: Fault
    public var cause: (any Error)?

    public init(code: String, message: String, remedy: String? = nil, fault: Fault = .world, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.fault = fault
        self.cause = cause
    }

    public static let staleGenerationCode = "engine.stale-generation"

    public static func staleGeneration(_ given: Generation, newest: Generation, of environment: EnvironmentID) -> EngineError {
        EngineError(
            code: staleGenerationCode,
            message: "generation \(given) of \(environment) is older than \(newest), which was carried out already",
            remedy: "nothing: a newer decision took this one's place")
    }
}
