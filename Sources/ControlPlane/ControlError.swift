import Glibc
public import IngotModel

/// What went wrong in the control plane.
public struct ControlError: ExplainedError {
    /// What kind of answer it makes over HTTP (RFC 9110, section 15.5 and 15.6; RFC 6585, section 4).
    public enum Kind: Int, Sendable {
        case invalid = 400
        case unauthenticated = 401
        case refused = 403
        case notFound = 404
        case methodNotAllowed = 405
        case conflict = 409
        case tooLarge = 413
        case tooMany = 429
        case failed = 500
        case unavailable = 503
    }

    public var code: String
    public var message: String
    public var remedy: String?
    public var fault: Fault
    public var kind: Kind
    public var cause: (any Error)?

    public init(
        _ code: String, _ message: String, remedy: String? = nil, fault: Fault = .user, kind: Kind = .invalid, cause: (any Error)? = nil
    ) {
        self.code = "control.\(code)"
        self.message = message
        self.remedy = remedy
        self.fault = fault
        self.kind = kind
        self.cause = cause
    }
}

extension ControlError {
    static func unknownService(_ service: ServiceName) -> ControlError {
        ControlError(
            "unknown-service", "no service is called '\(service)'",
            remedy: "see 'ingot status' for those that are known, or run 'ingot up' in its folder",
            kind: .notFound)
    }

    static func unknownEnvironment(_ environment: EnvironmentID, known: [EnvironmentName]) -> ControlError {
        let names = known.map(\.name).joined(separator: ", ")
        return ControlError(
            "unknown-environment", "service '\(environment.service)' has no environment '\(environment.environment)'",
            remedy: "choose one of \(names), or add it to ingot.yaml", kind: .notFound)
    }

    static func unknownRelease(_ number: ReleaseNumber, of environment: EnvironmentID) -> ControlError {
        ControlError(
            "unknown-release", "\(environment) has no release \(number)", remedy: "see 'ingot history' for those it has", kind: .notFound)
    }

    static func notFound(_ what: String) -> ControlError {
        ControlError("not-found", "there is no \(what)", kind: .notFound)
    }

    static func invalid(_ message: String, remedy: String? = nil, cause: (any Error)? = nil) -> ControlError {
        ControlError("invalid-request", message, remedy: remedy, cause: cause)
    }

    static func system(_ code: String, _ message: String, remedy: String? = nil, cause: (any Error)? = nil) -> ControlError {
        ControlError(code, message, remedy: remedy, fault: .world, kind: .failed, cause: cause)
    }
}

/// An error that the kernel gave, in its own words.
struct SystemCallError: Error, CustomStringConvertible {
    let call: String
    let code: CInt
    var description: String { "\(call): \(String(cString: strerror(code)))" }
}
