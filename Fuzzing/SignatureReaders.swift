import IngotModel

@testable import Gates

extension Reader {
    private static let trusted = SigningKey()
    private static let image = Digest(bytes: [UInt8](repeating: 0xab, count: 32))

    /// Nothing that is made up may count as signed; and what is read is read the same again.
    func readBundle(_ bytes: [UInt8]) {
        let requirement = SignatureRequirement(predicateType: PredicateType.signature.uri, trusted: [Self.trusted.verificationKey])
        precondition(!requirement.judge([.bundle(bytes)], of: Self.image).isMet)
        precondition(!requirement.judge([.simple(SimpleSignature(payload: bytes, signature: bytes))], of: Self.image).isMet)
        _ = try? Envelope.decode(bytes)
        guard let bundle = try? SigstoreBundle.decode(bytes), case .key = bundle.signer else { return }
        guard let again = try? SigstoreBundle.decode(bundle.encode()) else { preconditionFailure("\(bundle) cannot be read again") }
        precondition(again == bundle, "\(bundle) became \(again)")
    }

    func readStatement(_ bytes: [UInt8]) {
        guard let statement = try? Statement.decode(bytes) else { return }
        guard let again = try? Statement.decode(statement.encode()) else { preconditionFailure("\(statement) cannot be read again") }
        precondition(again.predicate == statement.predicate && again.predicateType == statement.predicateType && again.subjects == statement.subjects)
        _ = try? statement.predicate(as: TestResultPredicate.self)
        _ = try? statement.predicate(as: ScanPredicate.self)
        _ = try? statement.predicate(as: ApprovalPredicate.self)
    }

    /// The password is not tried: that it takes its time is its purpose.
    func readKey(_ text: String) {
        _ = try? EncryptedKey(text, "it")
        if let key = try? VerificationKey(pem: text, "it") {
            guard let again = try? VerificationKey(pem: key.pem, "it") else { preconditionFailure("\(key) cannot be read again") }
            precondition(again == key)
        }
    }
}
