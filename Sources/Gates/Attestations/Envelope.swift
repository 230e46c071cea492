/// A payload and signatures over it.
///
/// Source: Dead Simple Signing Envelope, v1.0, "Protocol" and "Envelope".
public struct Envelope: Hashable, Sendable {
    public struct Signature: Hashable, Sendable {
        /// A hint for finding the key. Nobody has signed it: it decides nothing.
        public var keyID: String?
        public var bytes: [UInt8]

        public init(keyID: String?, bytes: [UInt8]) {
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    public var payloadType: String
    public var payload: [UInt8]
    public var signatures: [Signature]

    public init(payloadType: String, payload: [UInt8], signatures: [Signature]) {
        self.payloadType = payloadType
        self.payload = payload
        self.signatures = signatures
    }

    /// What a signature is over. The type is in it, so that bytes which were signed as one thing cannot be shown as another.
    public static func signedBytes(payloadType: String, payload: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }

    public var signedBytes: [UInt8] { Self.signedBytes(payloadType: payloadType, payload: payload) }
}
