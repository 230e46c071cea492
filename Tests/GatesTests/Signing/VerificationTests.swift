import Foundation
import IngotModel
import Testing

@testable import Gates

@Suite("Checking what is signed") struct VerificationTests {
    private let key = SigningKey()
    private let stranger = SigningKey()

    /// Why a bundle does not count; `nil` when it does.
    private func refusal(_ bytes: [UInt8], type: String = Sample.signature, keys: [VerificationKey]? = nil) -> BundleRefusal.Reason? {
        let requirement = SignatureRequirement(predicateType: type, trusted: keys ?? [key.verificationKey])
        return requirement.judge([.bundle(bytes)], of: Sample.image).refused.first?.reason
    }

    @Test("what a trusted key signed of this image and this type is proven") func proven() async throws {
        let bundle = try await Sample.bundle(by: key, Sample.test, predicate: #"{"result":"PASSED","configuration":[]}"#)
        let proven = try SigstoreBundle.verify(
            bundle.encode(), subject: Sample.image, keys: [stranger.verificationKey, key.verificationKey])
        #expect(proven.signers == [key.verificationKey.id])
        #expect(try proven.statement?.predicate(as: TestResultPredicate.self).result == .passed)
    }

    /// What a statement of a type must say to count, at 2026-11-26T12:00:00Z.
    private static let predicates: [(type: PredicateType, predicate: String, counts: Bool)] = {
        func approval(_ decision: String, from: String, until: String) -> String {
            #"{"environment":"production","decision":"\#(decision)","by":"kim","decidedAt":"\#(from)","expiresAt":"\#(until)"}"#
        }
        func scan(_ result: String, unjudged: String = "null") -> String {
            #"{"scanner":{"uri":"urn:x","db":{"lastUpdate":"2026-11-25T00:00:00Z"},"result":[\#(result)]},"#
                + #""metadata":{"scanStartedOn":"2026-11-25T00:00:00Z","scanFinishedOn":"2026-11-25T00:00:01Z"},"unjudged":\#(unjudged)}"#
        }
        return [
            (.test, #"{"result":"PASSED","configuration":[]}"#, true), (.test, #"{"result":"WARNED","configuration":[]}"#, true),
            (.test, #"{"result":"FAILED","configuration":[],"failedTests":["smoke"]}"#, false), (.test, "{}", false),
            (.test, #"{"result":"PASSED","configuration":[],"failedTests":["smoke"]}"#, false),
            (.approval, approval("approved", from: "2026-11-26T00:00:00Z", until: "2026-11-27T00:00:00Z"), true),
            (.approval, approval("approved", from: "2026-11-25T00:00:00Z", until: "2026-11-26T00:00:00Z"), false),
            (.approval, approval("approved", from: "2026-11-27T00:00:00Z", until: "2026-11-28T00:00:00Z"), false),
            (.approval, approval("rejected", from: "2026-11-26T00:00:00Z", until: "2026-11-27T00:00:00Z"), false),
            (.scan, scan(""), true), (.scan, scan(#"{"id":"CVE-1","severity":[],"annotations":{"decision":"below-threshold"}}"#), true),
            (.scan, scan(#"{"id":"CVE-1","severity":[],"annotations":{"decision":"fails"}}"#), false),
            (.scan, scan(#"{"id":"CVE-1","severity":[]}"#), false), (.scan, scan("", unjudged: #"["no advisories"]"#), false),
            (.scan, scan("", unjudged: "[]"), true), (.provenance, "{}", true),
        ]
    }()

    @Test("a statement that speaks against its image counts for nothing, and says why") func unfavourable() async throws {
        let now = try #require(Timestamp(text: "2026-11-26T12:00:00Z"))
        for (type, predicate, counts) in Self.predicates {
            let bundle = try await Sample.bundle(by: key, type.uri, predicate: predicate).encode()
            let requirement = SignatureRequirement(predicateType: type.uri, trusted: [key.verificationKey])
            let evidence = SignedEvidence([.bundle(bundle)], about: Sample.image, keys: [key.verificationKey])
            let verdict = requirement.judge(evidence.inFavour(at: now))
            #expect(verdict.isMet == counts, "\(predicate)")
            let reasons: [BundleRefusal.Reason] = counts ? [] : [.unfavourable]
            #expect(verdict.refused.map(\.reason) == reasons, "\(predicate)")
        }
        let bare = SignedEvidence([.simple(try await SimpleSignature.sign(Sample.image, by: key))], about: Sample.image, keys: [key.verificationKey])
        #expect(bare.inFavour(at: now) == bare)
    }

    @Test("another key, image, type or payload type is refused") func otherThings() async throws {
        let bundle = try await Sample.bundle(by: key)
        #expect(refusal(try bundle.encode(), keys: [stranger.verificationKey]) == .untrusted)
        #expect(refusal(try bundle.encode(), type: Sample.test) == .otherPredicate)
        #expect(refusal(try bundle.encode(), type: Sample.signature + "/") == .otherPredicate)
        #expect(refusal(try await Sample.bundle(by: key, about: Sample.other).encode()) == .otherSubject)
        let message = Envelope.signedBytes(payloadType: "text/plain", payload: Array("hello".utf8))
        let envelope = Envelope(
            payloadType: "text/plain", payload: Array("hello".utf8), signatures: [.init(keyID: nil, bytes: try key.signature(of: message))])
        let text = SigstoreBundle(signer: .key(hint: key.verificationKey.id), content: .envelope(envelope))
        #expect(refusal(try text.encode()) == .payloadType)
    }

    @Test("the right signature over another payload, another type or a changed one is refused") func movedSignatures() async throws {
        let bundle = try await Sample.bundle(by: key)
        let other = try await Sample.bundle(by: key, about: Sample.other)
        #expect(refusal(try bundle.replacing(signatures: other.signatures).encode()) == .untrusted)
        #expect(refusal(try bundle.replacing(payload: Sample.statement(Sample.test).encode()).encode(), type: Sample.test) == .untrusted)
        #expect(refusal(try bundle.replacing(payloadType: "application/json").encode()) == .untrusted)
        let bytes = bundle.signatures[0].bytes
        for change in [bytes + [0], Array(bytes.dropLast()), Array(bytes.reversed()), [0x30, 0x00], [0x30, 0x06, 2, 1, 0, 2, 1, 0]] {
            #expect(refusal(try bundle.replacing(signatures: [.init(keyID: nil, bytes: change)]).encode()) == .untrusted)
        }
        // A signature over the payload alone is none over the envelope.
        let bare = try key.signature(of: Sample.statement().encode())
        #expect(refusal(try bundle.replacing(signatures: [.init(keyID: nil, bytes: bare)]).encode()) == .untrusted)
    }

    @Test("hints and key identifiers decide nothing") func hints() async throws {
        let bundle = try await Sample.bundle(by: stranger)
        let claimed = SigstoreBundle(signer: .key(hint: key.verificationKey.id), content: bundle.content)
        #expect(refusal(try claimed.encode()) == .untrusted)
        let own = SigstoreBundle(signer: .key(hint: "whatever"), content: try await Sample.bundle(by: key).content)
        #expect(refusal(try own.encode()) == nil)
    }

    @Test("a signature over the manifest itself counts as a signature, and as nothing else") func messages() throws {
        let manifest = Array("a manifest".utf8)
        let digest = Digest(bytes: KnownDigest(of: manifest).bytes)
        let bundle = SigstoreBundle(signer: .key(hint: ""), content: .message(digest, signature: try key.signature(of: manifest)))
        let proven = try SigstoreBundle.verify(bundle.encode(), subject: digest, keys: [key.verificationKey])
        #expect(proven == .signature(by: [key.verificationKey.id]))
        #expect(refusal(try bundle.encode()) == .otherSubject)
        let lie = SigstoreBundle(signer: .key(hint: ""), content: .message(Sample.image, signature: try key.signature(of: manifest)))
        #expect(refusal(try lie.encode()) == .untrusted)
    }

    @Test(
        "a bundle that is not exactly one is refused",
        arguments: [
            ("v0.3", "v0.4"), ("bundle.v0.3+json", "bundle"), ("\"mediaType\"", "\"media_type\""), ("\"dsseEnvelope\"", "\"envelope\""),
            ("\"publicKey\"", "\"publickey\""), ("\"hint\"", "\"hints\""), ("\"sig\"", "\"signature\""),
            ("{\"dsseEnvelope\"", "{\"more\":1,\"dsseEnvelope\""), ("{\"dsseEnvelope\"", "{\"messageSignature\":{},\"dsseEnvelope\""),
            ("{\"publicKey\"", "{\"certificate\":{\"rawBytes\":\"\"},\"publicKey\""), ("\"payload\":\"", "\"payload\":\" "),
            ("\"payload\":\"", "\"payload\":\"=="), ("\"signatures\":[", "\"signatures\":[{\"sig\":\"\"},"),
            ("\"signatures\":[", "\"signatures\":[{\"sig\":1},"), ("\"payloadType\"", "\"payload\":\"\",\"payloadType\""),
        ])
    func malformed(_ old: String, _ new: String) async throws {
        let text = try await Sample.text(Sample.bundle(by: key), replacing: old, with: new)
        #expect(text != (try await Sample.bundle(by: key).encode()))
        #expect(refusal(text) == .malformed)
    }

    @Test("what follows a bundle, or is none at all, is refused") func noBundles() async throws {
        let bundle = try await Sample.bundle(by: key).encode()
        for bytes in [bundle + Array("{}".utf8), bundle + [0], Array(bundle.dropLast()), bundle + bundle, [], [0xff], Array("null".utf8)] {
            #expect(refusal(bytes) == .malformed)
        }
    }

    @Test("a certificate is refused as what it is") func keyless() async throws {
        let text = try await Sample.text(
            Sample.bundle(by: key), replacing: #""publicKey":{"hint":"\#(key.verificationKey.id)"}"#, with: #""certificate":{"rawBytes":"AAAA"}"#)
        #expect(refusal(text) == .keyless)
    }

    @Test("base64 of both alphabets is read") func alphabets() async throws {
        let text = String(decoding: try await Sample.bundle(by: key).encode(), as: UTF8.self)
        let begin = try #require(text.range(of: #""sig":""#))
        let changed = text[..<begin.upperBound] + text[begin.upperBound...].prefix { $0 != "\"" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
        #expect(refusal(Array((changed + text.dropFirst(changed.count)).utf8)) == nil)
    }

    @Test("thousands of signatures, bundles and keys are refused before they are checked", .timeLimit(.minutes(1))) func manySignatures() async throws
    {
        let bundle = try await Sample.bundle(by: key)
        let many = [Envelope.Signature](repeating: bundle.signatures[0], count: 5_000)
        #expect(refusal(try bundle.replacing(signatures: many).encode()) == .malformed)
        let keys = Array(repeating: key.verificationKey, count: 1_000)
        #expect(!SignatureRequirement(predicateType: Sample.signature, trusted: keys).judge([.bundle(try bundle.encode())], of: Sample.image).isMet)
        let requirement = SignatureRequirement(predicateType: Sample.signature, trusted: [key.verificationKey])
        #expect(!requirement.judge(Array(repeating: .bundle(try bundle.encode()), count: 5_000), of: Sample.image).isMet)
    }
}

@Suite("How many keys have signed") struct SignatureRequirementTests {
    private let alice = SigningKey()
    private let bob = SigningKey()

    private func judge(_ bundles: [SigstoreBundle], keys: Int, trusted: [SigningKey]? = nil, type: String = Sample.signature) throws
        -> SignatureVerdict
    {
        let trusted = (trusted ?? [alice, bob]).map(\.verificationKey)
        return try SignatureRequirement(predicateType: type, trusted: trusted, keys: keys).judge(
            bundles.map { .bundle(try $0.encode()) }, of: Sample.image)
    }

    @Test("one key that signs twice is one key") func sameKey() async throws {
        let twice = [try await Sample.bundle(by: alice), try await Sample.bundle(by: alice)]
        #expect(try judge(twice, keys: 1).isMet)
        #expect(try judge(twice, keys: 2).missing == "1 of 2 trusted keys have signed \(Sample.image.short) as \(Sample.signature)")
        #expect(try judge(twice, keys: 2, trusted: [alice, alice]).isMet == false)
        #expect(try judge([twice[0].replacing(signatures: twice.flatMap(\.signatures))], keys: 2).isMet == false)
    }

    @Test("two keys that sign are two, in two bundles or in one envelope") func twoKeys() async throws {
        let (first, second) = (try await Sample.bundle(by: alice), try await Sample.bundle(by: bob))
        #expect(try judge([first, second], keys: 2).signers == [alice.verificationKey.id, bob.verificationKey.id])
        let both = first.replacing(signatures: first.signatures + second.signatures)
        let unnamed = SigstoreBundle(signer: .key(hint: ""), content: both.content)
        #expect(try judge([unnamed], keys: 2).isMet)
        #expect(try judge([first, try await Sample.bundle(by: SigningKey())], keys: 2).isMet == false)
    }

    @Test("two keys that say different things do not agree") func disagreement() async throws {
        let bundles = [
            try await Sample.bundle(by: alice, Sample.test, predicate: #"{"result":"PASSED","configuration":[]}"#),
            try await Sample.bundle(by: bob, Sample.test, predicate: #"{"result":"FAILED","configuration":[]}"#),
        ]
        #expect(try judge(bundles, keys: 1, type: Sample.test).proven.count == 2)
        #expect(try judge(bundles, keys: 2, type: Sample.test).isMet == false)
    }

    @Test("two keys that say the same in another order, or with spaces, agree") func sameInOtherWords() async throws {
        let bundles = [
            try await Sample.bundle(by: alice, Sample.test, predicate: #"{"result":"PASSED","configuration":[{"name":"a"},{}],"n":1.50}"#),
            try await Sample.bundle(by: bob, Sample.test, predicate: #"{ "n": 1.50, "configuration": [ {"name": "a"}, {} ], "result": "PASSED" }"#),
        ]
        #expect(try judge(bundles, keys: 2, type: Sample.test).isMet)
    }

    @Test("one that cannot be read does not hide one that counts") func brokenOnes() async throws {
        let good = SignedDocument.bundle(try await Sample.bundle(by: alice).encode())
        let verdict = SignatureRequirement(predicateType: Sample.signature, trusted: [alice.verificationKey])
            .judge([.bundle([1]), good, .bundle(try await Sample.bundle(by: bob).encode())], of: Sample.image)
        #expect(verdict.isMet)
        #expect(verdict.refused.map(\.reason) == [.malformed, .untrusted])
    }

    @Test("without keys, or for no key, nothing is met") func noKeys() async throws {
        let bundle = try await Sample.bundle(by: alice)
        #expect(try judge([bundle], keys: 1, trusted: []).isMet == false)
        #expect(try judge([bundle], keys: 0).isMet == false)
        #expect(try judge([], keys: 1).isMet == false)
    }

    @Test("evidence that was checked with all keys counts only by a requirement's own") func ownKeys() async throws {
        let documents = [SignedDocument.bundle(try await Sample.bundle(by: alice).encode())]
        let evidence = SignedEvidence(documents, about: Sample.image, keys: [alice.verificationKey, bob.verificationKey])
        #expect(SignatureRequirement(predicateType: Sample.signature, trusted: [alice.verificationKey]).judge(evidence).isMet)
        let verdict = SignatureRequirement(predicateType: Sample.signature, trusted: [bob.verificationKey]).judge(evidence)
        #expect(!verdict.isMet)
        #expect(verdict.refused.map(\.reason) == [.untrusted])
    }

    @Test("cosign's older signature counts as a signature of this image only") func simpleSignatures() async throws {
        let requirement = SignatureRequirement(predicateType: Sample.signature, trusted: [alice.verificationKey])
        let signature = try await SimpleSignature.sign(Sample.image, by: alice)
        #expect(requirement.judge([.simple(signature)], of: Sample.image).isMet)
        #expect(requirement.judge([.simple(signature)], of: Sample.other).refused.map(\.reason) == [.otherSubject])
        var changed = signature
        changed.payload.append(0x20)
        #expect(requirement.judge([.simple(changed)], of: Sample.image).refused.map(\.reason) == [.untrusted])
        let test = SignatureRequirement(predicateType: Sample.test, trusted: [alice.verificationKey])
        #expect(test.judge([.simple(signature)], of: Sample.image).refused.map(\.reason) == [.otherPredicate])
        let other = Array(
            #"{"critical":{"identity":{},"image":{"docker-manifest-digest":"\#(Sample.image)"},"type":"atomic container signature"}}"#.utf8)
        let atomic = SimpleSignature(payload: other, signature: try alice.signature(of: other))
        #expect(requirement.judge([.simple(atomic)], of: Sample.image).refused.map(\.reason) == [.payloadType])
    }
}
