import Foundation
import Glibc
import ImageStore
import IngotModel
import SystemPackage

@testable import Gates

/// An image's digest, another's, and keys, for tests that need no image.
enum Sample {
    static let image = Digest(bytes: [UInt8](repeating: 0xab, count: 32))
    static let other = Digest(bytes: [UInt8](repeating: 0xcd, count: 32))
    static let signature = PredicateType.signature.uri
    static let test = TestResultPredicate.predicateType

    static func statement(_ type: String = signature, about image: Digest = image, predicate: String = "{}") throws -> Statement {
        try Statement(about: Subject(name: nil, digest: image), predicateType: type, predicate: Array(predicate.utf8))
    }

    static func bundle(
        by key: SigningKey, _ type: String = signature, about image: Digest = image, predicate: String = "{}"
    ) async throws -> SigstoreBundle {
        try await key.sign(statement(type, about: image, predicate: predicate))
    }

    /// A bundle as text, in which one thing was put in the place of another.
    static func text(_ bundle: SigstoreBundle, replacing old: String = "", with new: String = "") throws -> [UInt8] {
        Array(String(decoding: try bundle.encode(), as: UTF8.self).replacingOccurrences(of: old, with: new).utf8)
    }
}

/// An envelope whose parts need not fit together.
extension SigstoreBundle {
    func replacing(payload: [UInt8]? = nil, payloadType: String? = nil, signatures: [Envelope.Signature]? = nil) -> SigstoreBundle {
        guard case .envelope(var envelope) = content else { return self }
        envelope.payload = payload ?? envelope.payload
        envelope.payloadType = payloadType ?? envelope.payloadType
        envelope.signatures = signatures ?? envelope.signatures
        return SigstoreBundle(signer: signer, content: .envelope(envelope))
    }

    var signatures: [Envelope.Signature] {
        guard case .envelope(let envelope) = content else { return [] }
        return envelope.signatures
    }
}

func withSigningFolder<Result>(_ body: (FilePath) async throws -> Result) async throws -> Result {
    let path = "/tmp/ingot-signing-\(getpid())-\(UInt64.random(in: .min ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(FilePath(path))
}
