public import IngotModel

/// What talking to a registry says when it cannot do what it was asked.
public struct RegistryError: ExplainedError {
    public enum Reason: String, Sendable, CaseIterable {
        case referenceInvalid = "reference-invalid"
        case unauthorized = "unauthorized"
        case credentialsInvalid = "credentials-invalid"
        case notFound = "not-found"
        case platformMissing = "platform-missing"
        case refused = "refused"
        case unreachable = "unreachable"
        case timedOut = "timed-out"
        case answerInvalid = "answer-invalid"
        case contentWrong = "content-wrong"
        case tooLarge = "too-large"
        case redirectRefused = "redirect-refused"
        case incomplete = "incomplete"
    }

    public let reason: Reason
    public let message: String
    public let remedy: String?
    public let fault: Fault
    public let cause: (any Error)?
    /// Whether the same may go well a moment later.
    let isTransient: Bool
    /// How long the registry asked to wait before.
    let retryAfter: Duration?
    /// Of the answer that was no success.
    let status: Int?

    public var code: String { "registry.\(reason.rawValue)" }

    init(
        _ reason: Reason, _ message: String, remedy: String? = nil, fault: Fault = .world, cause: (any Error)? = nil, isTransient: Bool = false,
        retryAfter: Duration? = nil, status: Int? = nil
    ) {
        self.reason = reason
        self.message = message
        self.remedy = remedy
        self.fault = fault
        self.cause = cause
        self.isTransient = isTransient
        self.retryAfter = retryAfter
        self.status = status
    }
}

extension RegistryError {
    static func answerInvalid(_ host: String, _ why: String, cause: (any Error)? = nil) -> RegistryError {
        RegistryError(.answerInvalid, "\(host) answers what no registry may answer: \(why)", remedy: "look whether it is a registry", cause: cause)
    }

    static func contentWrong(_ what: String, _ why: String) -> RegistryError {
        RegistryError(
            .contentWrong, "what came for \(what) is something else: \(why)", remedy: "try again; if it stays so, the registry is damaged or lies")
    }

    static func tooLarge(_ what: String, limit: String) -> RegistryError {
        RegistryError(.tooLarge, "\(what) is larger than the limit of \(limit)", remedy: "look whether that is what you wanted to have")
    }

    static func cut(_ what: String, _ why: String, cause: (any Error)? = nil) -> RegistryError {
        RegistryError(
            .unreachable, "\(what) was cut off: \(why)", remedy: "try again when the connection is better", cause: cause, isTransient: true)
    }

    static func timedOut(_ what: String, _ time: Duration, isTransient: Bool = false) -> RegistryError {
        RegistryError(
            .timedOut, "\(what) did not end within \(time)", remedy: "try again later, or look what is between here and there",
            isTransient: isTransient)
    }
}

/// Text of strangers, for a message: short, on one line, and nothing that a terminal would act on.
func printable(_ text: String, most: Int = 300) -> String {
    let safe = text.unicodeScalars.prefix(most * 2).map { scalar -> Character in
        scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format ? " " : Character(scalar)
    }
    return String(String(safe).prefix(most))
}
