// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import IngotModel
import Testing

@testable import Gates

@Suite("Signatures and signed approvals as policy") struct SignaturePolicyTests {
    private static let id = EnvironmentID(text: "shop/production")!
    private static let now = Timestamp(text: "2026-11-26T12:00:00Z")!
    private let release = SigningKey()
    private let other = SigningKey()

    private func trusted(_ key: SigningKey, _ name: String = "release.pub") -> TrustedKey { TrustedKey(name: name, pem: key.verificationKey.pem) }

    /// What these keys have signed, as an environment sees it that trusts some keys.
    private func situation(_ documents: [SignedDocument], trusting keys: [TrustedKey], asker: String? = nil) -> PromotionSituation {
        PromotionSituation(
            now: Self.now, asker: asker,
            signed: SignedEvidence(documents, about: Sample.image, keys: keys.compactMap(\.verificationKey)))
    }

    private func signature(by key: SigningKey) async throws -> SignedDocument {
        .bundle(try await Sample.bundle(by: key, Sample.signature, predicate: "{}").encode())
    }

    // MARK: Signatures

    @Test("what is demanded must be signed by a key that is trusted, and each type for itself")
    func standing() async throws {
        let rule = SignatureRule(types: ["signature", "slsaprovenance1"], keys: [trusted(release)])
        let signed = try await signature(by: release)
        let gate = SignaturePolicy.standing(of: Sample.image, by: [rule], situation([signed], trusting: rule.keys))
        #expect(gate.facts == [.init("signed as 'signature'", by: "release.pub")])
        #expect(gate.objections.count == 1 && gate.objections[0].message == "release.pub has not signed it as 'slsaprovenance1'")
        #expect(gate.objections[0].remedy.contains("`ingot attest "))
        let stranger = SignaturePolicy.standing(
            of: Sample.image, by: [rule], situation([try await signature(by: other)], trusting: rule.keys))
        #expect(stranger.objections.count == 2 && stranger.objections[0].remedy.contains("`ingot sign "))
    }

    @Test("two keys must have signed where two are required")
    func two() async throws {
        let rule = SignatureRule(types: ["signature"], keys: [trusted(release), trusted(other, "other.pub")], required: 2)
        let first = try await signature(by: release)
        let second = try await signature(by: other)
        #expect(!SignaturePolicy.standing(of: Sample.image, by: [rule], situation([first], trusting: rule.keys)).isOpen)
        #expect(!SignaturePolicy.standing(of: Sample.image, by: [rule], situation([first, first], trusting: rule.keys)).isOpen)
        #expect(SignaturePolicy.standing(of: Sample.image, by: [rule], situation([first, second], trusting: rule.keys)).isOpen)
    }

    @Test("a trusted key's word against the image is told, not only that its word for it is missing")
    func against() async throws {
        let rule = SignatureRule(types: ["test"], keys: [trusted(release)])
        let failed = try await Sample.bundle(by: release, Sample.test, predicate: #"{"result":"FAILED","configuration":[],"failedTests":["smoke"]}"#)
        let gate = SignaturePolicy.standing(of: Sample.image, by: [rule], situation([.bundle(try failed.encode())], trusting: rule.keys))
        #expect(gate.objections.map(\.message) == ["release.pub has not signed it as 'test'; it states that tests have failed: smoke"])
    }

    @Test("what nobody looked at, or could not read, and a key that is none, open nothing")
    func closed() async throws {
        let rule = SignatureRule(types: ["signature"], keys: [trusted(release)])
        let signed = try await signature(by: release)
        var unread = situation([signed], trusting: rule.keys)
        unread.unreadable = "the disk is gone"
        #expect(SignaturePolicy.standing(of: Sample.image, by: [rule], unread).objections.first?.message.contains("the disk is gone") == true)
        #expect(!SignaturePolicy.standing(of: Sample.image, by: [rule], PromotionSituation(now: Self.now)).isOpen)
        let broken = SignatureRule(types: ["signature"], keys: [TrustedKey(name: "x.pub", pem: "")])
        #expect(!SignaturePolicy.standing(of: Sample.image, by: [broken], situation([signed], trusting: rule.keys)).isOpen)
    }

    @Test("each key is tried once, however many rules name it")
    func keys() {
        let rules = PromotionRules(
            approval: ApprovalRule(keys: [trusted(release)]),
            signatures: [
                SignatureRule(types: ["a:b"], keys: [trusted(release), trusted(other)]), SignatureRule(types: ["c:d"], keys: [trusted(other)]),
            ])
        #expect(SignaturePolicy.keys(of: rules).map(\.id).sorted() == [release, other].map(\.verificationKey.id).sorted())
    }

    // MARK: Starts

    private func missing(_ demands: [SignatureDemand], _ rules: [SignatureRule], _ documents: [SignedDocument]) -> Int {
        let requirements = StartPolicy.requirements(demands, by: rules)
        let evidence = SignedEvidence(documents, about: Sample.image, keys: requirements.flatMap(\.trusted))
        return StartPolicy.missing(requirements, evidence, at: Self.now).count
    }

    @Test("a start asks for what its release was promoted with, of the keys that are trusted now")
    func starts() async throws {
        let rule = SignatureRule(types: ["signature"], keys: [trusted(release)])
        let demands = StartPolicy.demands(of: [rule])
        #expect(demands == [SignatureDemand(type: "signature", required: 1)])
        let signed = try await signature(by: release)
        #expect(missing(demands, [rule], [signed]) == 0)
        #expect(missing(demands, [rule], []) == 1)
        // The key was taken away, and another has come: what it signed counts, and what the other signed does not.
        let changed = SignatureRule(types: ["signature"], keys: [trusted(other)])
        #expect(missing(demands, [changed], [signed]) == 1)
        #expect(missing(demands, [changed], [signed, try await signature(by: other)]) == 0)
        // More is asked for since then, or nothing.
        let more = SignatureRule(types: ["signature", "slsaprovenance1"], keys: [trusted(release), trusted(other)], required: 2)
        #expect(missing(demands, [more], [signed]) == 0)
        #expect(missing(demands, [], []) == 0)
        #expect(missing([], [rule], []) == 0)
        #expect(missing(demands, [SignatureRule(types: ["signature"], keys: [])], [signed]) == 1)
    }

    @Test("demands of several rules are the strictest of each type")
    func demands() {
        let rules = [SignatureRule(types: ["a:b", "c:d"], keys: []), SignatureRule(types: ["a:b"], keys: [], required: 3)]
        #expect(StartPolicy.demands(of: rules) == [SignatureDemand(type: "a:b", required: 3), SignatureDemand(type: "c:d", required: 1)])
    }

    // MARK: Signed approvals

    private func approval(
        by key: SigningKey, as person: String, of environment: String = "shop/production", _ decision: ApprovalPredicate.Decision = .approved,
        until: String = "2026-11-26T18:00:00Z"
    ) async throws -> SignedDocument {
        let predicate = ApprovalPredicate(
            environment: environment, decision: decision, by: person, reason: nil, decidedAt: Timestamp(text: "2026-11-26T11:00:00Z")!,
            expiresAt: Timestamp(text: until)!)
        let statement = try Statement(about: Subject(name: nil, digest: Sample.image), predicate)
        return .bundle(try await key.sign(statement).encode())
    }

    /// - Parameter given: what the daemon was told by `person`, before anything was signed.
    private func isApproved(
        _ documents: [SignedDocument], given: Approval.Decision? = nil, by person: String = "", approvers: Int = 1, asker: String? = nil
    ) -> Bool? {
        var environment = PromotionPolicyTests.environment("production", needsApproval: true)
        environment.promotion.approval = ApprovalRule(approvers: approvers, keys: [trusted(release), trusted(other)])
        var situation = situation(documents, trusting: environment.promotion.approval.keys, asker: asker)
        if let given {
            let at = Timestamp(text: "2026-11-26T10:00:00Z")!
            situation.approvals = [
                Approval(
                    environment: Self.id, image: Sample.image, decision: given, by: person, reason: nil, at: at,
                    expiresAt: given == .approved ? at + .minutes(600) : nil)
            ]
        }
        return ApprovalPolicy.gate(of: Sample.image, in: Self.id, environment, situation)?.isOpen
    }

    @Test("an approval that a trusted key has signed counts for exactly its environment, until its end, once for each key and each person")
    func signedApprovals() async throws {
        let kim = try await approval(by: release, as: "kim")
        #expect(isApproved([kim]) == true)
        #expect(isApproved([kim], asker: "kim") == false)
        #expect(isApproved([try await approval(by: SigningKey(), as: "kim")]) == false)
        #expect(isApproved([try await approval(by: release, as: "kim", of: "shop/staging")]) == false)
        #expect(isApproved([try await approval(by: release, as: "kim", of: "production")]) == false)
        #expect(isApproved([try await approval(by: release, as: "kim", until: "2026-11-26T12:00:00Z")]) == false)
        #expect(isApproved([kim, try await approval(by: release, as: "sam")], approvers: 2) == false)
        #expect(isApproved([kim, try await approval(by: other, as: "kim")], approvers: 2) == false)
        #expect(isApproved([kim, try await approval(by: other, as: "sam")], approvers: 2) == true)
        #expect(isApproved([kim, try await approval(by: other, as: "kim", .rejected)]) == false)
        #expect(isApproved([kim, try await approval(by: other, as: "sam")], given: .rejected, by: "sam", approvers: 1) == false)
        #expect(isApproved([kim], given: .approved, by: "kim", approvers: 2) == false)
        #expect(isApproved([kim], given: .approved, by: "sam", approvers: 2) == true)
        #expect(isApproved([kim, try await approval(by: other, as: "sam", .rejected)]) == false)
    }
}
