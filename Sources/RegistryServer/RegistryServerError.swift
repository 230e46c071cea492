public import IngotModel

/// What serving a registry says when it cannot begin, or when a token is not as it should be.
public struct RegistryServerError: ExplainedError {
    public let code: String
    public let message: String
    public let remedy: String?
    public let fault: Fault
    public let cause: (any Error)?

    init(_ code: String, _ message: String, remedy: String? = nil, fault: Fault = .user, cause: (any Error)? = nil) {
        self.code = "registry-server.\(code)"
        self.message = message
        self.remedy = remedy
        self.fault = fault
        self.cause = cause
    }
}
