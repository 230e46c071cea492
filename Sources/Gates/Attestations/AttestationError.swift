internal import IngotModel

/// The errors of reading and making attestations.
enum AttestationError {
    static func tooLarge(_ what: String, limit: String) -> GateError {
        GateError(
            code: "gates.attestation-too-large", message: "\(what) exceeds the limit of \(limit)",
            remedy: "sign the image again, with less in one document", fault: .user)
    }

    static func malformed(_ what: String, _ why: String, cause: (any Error)? = nil) -> GateError {
        GateError(
            code: "gates.attestation-malformed", message: "\(what) cannot be read: \(why)",
            remedy: "sign the image again; what cannot be read counts for nothing", fault: .user, cause: cause)
    }
}
