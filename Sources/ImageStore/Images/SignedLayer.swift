public import IngotModel

/// A document about an image that somebody has signed, before it is read. Two manifests may name the same.
public struct SignedLayer: Hashable, Sendable {
    /// Of a manifest that holds a bundle. Source: sigstore/protobuf-specs, `sigstore_bundle.proto`, v0.3.
    public static let bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"
    /// Of a manifest that holds signatures in cosign's older form. Source: sigstore/cosign, `specs/SIGNATURE_SPEC.md`.
    public static let signatureType = "application/vnd.dev.cosign.artifact.sig.v1+json"
    /// Of a layer in the older form: its signature, in base64. Source: the same.
    public static let annotation = "dev.cosignproject.cosign/signature"

    public var blob: Descriptor
    /// Of the older form; a bundle has its own in it.
    public var signature: String?

    public init(blob: Descriptor, signature: String? = nil) {
        self.blob = blob
        self.signature = signature
    }

    /// Of several documents, in their order, each once. One that is larger than one may be is none.
    public static func all(in referrers: [Referrer], largest: Int = SignedLimit.documentBytes) -> [SignedLayer] {
        var seen: Set<SignedLayer> = []
        return referrers.flatMap(named).filter { (0...largest).contains($0.blob.size) && seen.insert($0).inserted }
    }

    private static func named(by referrer: Referrer) -> [SignedLayer] {
        let layers = referrer.manifest.layers
        switch referrer.artifactType {
        case bundleType: return layers.count == 1 ? layers.map { SignedLayer(blob: plain($0)) } : []
        case signatureType:
            return layers.compactMap { layer in layer.annotations?[annotation].map { SignedLayer(blob: plain(layer), signature: $0) } }
        default: return []
        }
    }

    /// Without what a manifest may say of it, so that the same is the same.
    private static func plain(_ layer: Descriptor) -> Descriptor { Descriptor(mediaType: "", digest: layer.digest, size: layer.size) }
}

/// How much that is signed an image may have beside it. Whoever reads more refuses all of it, since which is left out would decide; so no more comes in.
public enum SignedLimit {
    public static let documents = 128
    /// One of them. A bill of materials of a large image is the largest that is attested to.
    public static let documentBytes = 32 << 20
    /// All of them together.
    public static let bytes = 256 << 20

    /// What of the limit some documents exceed; `nil` when they do not. Each is within the limit of one, so that their sum has room.
    public static func excess(of layers: [SignedLayer], documents: Int = SignedLimit.documents, bytes: Int = SignedLimit.bytes) -> String? {
        if layers.count > documents { return "\(documents) documents" }
        return layers.reduce(0) { $0 + $1.blob.size } > bytes ? "\(ByteSize(bytes))" : nil
    }
}
