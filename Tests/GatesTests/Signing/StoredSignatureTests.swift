import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import Gates

@Suite("What is signed, beside its image") struct StoredSignatureTests {
    private func withImage(_ body: (ImageStore, Digest) async throws -> Void) async throws {
        try await withSigningFolder { folder in
            let store = try ImageStore(root: folder.appending("root"))
            let image = try store.addImage(ImageConfiguration(), layers: [])
            try await body(store, image.digest)
        }
    }

    @Test("bundles and older signatures are found again, and the image stays what it is") func found() async throws {
        try await withImage { store, image in
            let key = SigningKey()
            let bundle = try await Sample.bundle(by: key, about: image)
            let referrer = try store.addBundle(bundle, to: image, predicateType: Sample.signature)
            #expect(referrer.artifactType == "application/vnd.dev.sigstore.bundle.v0.3+json")
            #expect(referrer.manifest.annotations?["dev.sigstore.bundle.predicateType"] == Sample.signature)
            let simple = try await SimpleSignature.sign(image, by: key)
            try store.addSignature(simple, to: image)
            #expect(Set(try store.signedDocuments(about: image)) == [.bundle(try bundle.encode()), .simple(simple)])
            let requirement = SignatureRequirement(predicateType: Sample.signature, trusted: [key.verificationKey])
            #expect(try requirement.judge(store.signedDocuments(about: image), of: image).proven.count == 2)
            #expect(try store.image(image).digest == image)
        }
    }

    @Test("a document of another kind proves nothing, and too many are refused") func others() async throws {
        try await withImage { store, image in
            try store.addReferrer(to: image, artifactType: "application/vnd.in-toto+json", content: Sample.statement(about: image).encode())
            #expect(try store.signedDocuments(about: image).isEmpty)
            #expect(throws: GateError.self) {
                try store.unsignedStatements(about: image, predicateType: Sample.signature, limits: AttestationLimits(bundles: 0))
            }
            #expect(try store.unsignedStatements(about: image, predicateType: Sample.signature).count == 1)
            #expect(try store.unsignedStatements(about: image, predicateType: Sample.test).isEmpty)
            for number in 0..<3 { try store.addReferrer(to: image, artifactType: SigstoreBundle.mediaType, content: Array("\(number)".utf8)) }
            #expect(try store.signedDocuments(about: image).count == 3)
            #expect(throws: GateError.self) { try store.signedDocuments(about: image, limits: AttestationLimits(bundles: 2)) }
        }
    }

    @Test("the same document in two manifests is one, and too much is refused by what the manifests say") func bounded() async throws {
        try await withImage { store, image in
            let content = Array("0123456789".utf8)
            for note in ["a", "b"] {
                try store.addReferrer(to: image, artifactType: SigstoreBundle.mediaType, content: content, annotations: ["note": note])
            }
            #expect(try store.signedDocuments(about: image, limits: AttestationLimits(bundles: 1)) == [.bundle(content)])
            try store.addReferrer(to: image, artifactType: SigstoreBundle.mediaType, content: Array("abcdefghij".utf8))
            #expect(try store.signedDocuments(about: image, limits: AttestationLimits(bundleBytes: 20)).count == 2)
            #expect(throws: GateError.self) { try store.signedDocuments(about: image, limits: AttestationLimits(bundleBytes: 19)) }
        }
    }

    @Test("one more than is ever read is refused where it comes in, so that those before it still count") func full() async throws {
        try await withImage { store, image in
            let key = SigningKey()
            try store.addSignature(try await SimpleSignature.sign(image, by: key), to: image)
            func add(_ number: Int) throws {
                try store.addReferrer(to: image, artifactType: SigstoreBundle.mediaType, content: Array("\(number)".utf8))
            }
            for number in 1..<AttestationLimits.standard.bundles { try add(number) }
            let error = #expect(throws: StoreError.self) { try add(0) }
            #expect(error?.reason == .tooManySigned && error?.message.contains("128 documents") == true)
            let bundle = try await Sample.bundle(by: key, about: image)
            #expect(throws: StoreError.self) { try store.addBundle(bundle, to: image, predicateType: Sample.signature) }
            let other = try await SimpleSignature.sign(image, by: SigningKey())
            #expect(throws: StoreError.self) { try store.addSignature(other, to: image) }
            // What is there already is nothing more, and what nobody has signed has room.
            try add(1)
            try store.addReferrer(to: image, artifactType: "application/vnd.in-toto+json", content: Sample.statement(about: image).encode())
            let requirement = SignatureRequirement(predicateType: Sample.signature, trusted: [key.verificationKey])
            #expect(try requirement.judge(store.signedDocuments(about: image), of: image).isMet)
        }
    }

    @Test("provenance is what statements about exactly this image say, signed or not, with who built it") func provenance() async throws {
        try await withImage { store, image in
            let type = PredicateType.provenance.uri
            func add(_ statement: Statement) throws {
                try store.addReferrer(to: image, artifactType: "application/vnd.in-toto+json", content: statement.encode())
            }
            try add(Sample.statement(type, about: Sample.other))
            try add(Sample.statement(Sample.test, about: image))
            try store.addBundle(try await Sample.bundle(by: SigningKey(), type, about: Sample.other), to: image, predicateType: type)
            #expect(try store.provenance(of: image).isEmpty)
            let predicate = #"{"runDetails":{"builder":{"id":"urn:x"}}}"#
            try store.addBundle(
                try await Sample.bundle(by: SigningKey(), type, about: image, predicate: predicate), to: image, predicateType: type)
            #expect(try store.provenance(of: image).map(\.builder) == ["urn:x"])
            #expect(try store.provenance(of: image).allSatisfy { !$0.isOfIngot })
            try add(Sample.statement(type, about: image, predicate: #"{"runDetails":{"builder":{"id":"urn:ingot:builder"}}}"#))
            #expect(try store.provenance(of: image).contains(where: \.isOfIngot))
        }
    }
}
