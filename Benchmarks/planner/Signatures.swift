import Gates
import ImageStore
import IngotModel
import SystemPackage

/// What is signed of one release: a signature, how it was built, tested and scanned, and an approval; the scan has 500 findings.
struct SignedRelease {
    private static let types: [PredicateType] = [.signature, .provenance, .test, .scan, .approval]

    private let store: ImageStore
    private let image: Digest
    private let key = SigningKey()

    init(in folder: FilePath) async throws {
        store = try ImageStore(root: folder)
        image = try store.addImage(ImageConfiguration(), layers: []).digest
        for type in Self.types {
            let findings = (0..<(type == .scan ? 500 : 1)).map { #""CVE-2026-\#($0)":{"severity":"high","package":"openssl","version":"3.0.1"}"# }
            let predicate = Array("{\(findings.joined(separator: ","))}".utf8)
            let statement = try Statement(about: Subject(name: nil, digest: image), predicateType: type.uri, predicate: predicate)
            try store.addBundle(await key.sign(statement), to: image, predicateType: type.uri)
        }
        try store.addSignature(await SimpleSignature.sign(image, by: key), to: image)
    }

    /// All that a start must know: each kind of statement is there, from the store.
    func verify() throws -> Bool {
        let evidence = SignedEvidence(try store.signedDocuments(about: image), about: image, keys: [key.verificationKey])
        return Self.types.allSatisfy {
            SignatureRequirement(predicateType: $0.uri, trusted: [key.verificationKey]).judge(evidence).isMet
        }
    }
}
