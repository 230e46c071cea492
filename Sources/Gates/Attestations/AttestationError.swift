internal import IngotModel

/// The errors of reading and making attestations.
enum AttestationError {
    static func tooLarge(_ what: String, limit: String) -> GateError {
        GateError(
            code: "gates.attestation-too-large", message: "\(what) exceeds the limit of \(limit)",
            remedy: "sign the image again, with less in one document", fault: .user)
    }

    static func foreign(_ predicateType: String, subjects: Int) -> GateError {
        GateError(
            code: "gates.attestation-foreign", message: "the statement of type \(predicateType) is about \(subjects) subjects, not about one image",
            remedy: "find out who wrote it; state with --predicate FILE what is to be said of this image", fault: .user)
    }

    static func malformed(_ what: String, _ why: String, cause: (any Error)? = nil) -> GateError {
        GateError(
            code: "gates.attestation-malformed", message: "\(what) cannot be read: \(why)",
            remedy: "mend it and sign it again; what cannot be read counts for nothing", fault: .user, cause: cause)
    }
}
