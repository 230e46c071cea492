// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import API
import IngotModel
import Testing

@testable import ingot

@Suite struct ProofViewTests {
    static let environment = EnvironmentID(text: "shop/production")!
    static let image = Digest(hex: String(repeating: "ab", count: 32))!

    static func record(_ result: RolloutRecord.Result, from: Int? = 6, reason: String? = nil, proof: RolloutProof = proof) -> RolloutRecord {
        RolloutRecord(
            number: Generation(12), kind: "deploy", release: ReleaseNumber(7), from: from.map { ReleaseNumber($0) }, image: image,
            commit: "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d", acceptedAt: Timestamp(secondsSince1970: 1_000),
            endedAt: Timestamp(millisecondsSince1970: 1_030_450), result: result, reason: reason, proof: proof, steps: [],
            requestedBy: "user:root")
    }

    static var proof: RolloutProof {
        var new = TrafficCount()
        new.successful = 1_204
        new.retried = 2
        new.latencyP50Milliseconds = 0.82
        new.latencyP99Milliseconds = 3.4
        var old = TrafficCount()
        old.successful = 86_011
        old.unanswered = 1
        return RolloutProof(
            releases: [ReleaseTraffic(release: ReleaseNumber(6), served: old), ReleaseTraffic(release: ReleaseNumber(7), served: new)],
            decisionToSwitch: 312, switchToLastOldRequest: 2, leastHealthy: 2)
    }

    @Test("a rollout that succeeded shows what each release served and how fast traffic moved")
    func succeeded() {
        #expect(
            ProofView(value: Self.record(.succeeded), environment: Self.environment).lines(.plain) == [
                "shop/production: release 7 serves (image abababababab, commit 1a2b3c4)",
                "",
                "RELEASE  SERVED  FAILED  RETRIED  CUT     P50     P99",
                "7 (new)   1,204       0        2    0  0.8 ms  3.4 ms",
                "6 (old)  86,012       1        0    0       –       –",
                "",
                "decision to traffic moved        312 ms",
                "last request to the old release  2 ms after traffic was told to move",
                "fewest healthy instances         2",
                "took                             30.5 s",
            ])
    }

    @Test("a rollout that went back says why, and what serves")
    func returned() {
        let reason = "instances of release 7 ended by themselves 3 times; the last one: exit code 1"
        let lines = ProofView(value: Self.record(.returned, reason: reason, proof: RolloutProof()), environment: Self.environment).lines(.plain)
        #expect(lines == ["shop/production: release 7 went back: \(reason); release 6 serves again", "", "took  30.5 s"])
        let first = ProofView(value: Self.record(.returned, from: nil, proof: RolloutProof()), environment: Self.environment).lines(.plain)
        #expect(first.first == "shop/production: release 7 went back; nothing serves")
    }

    @Test("for programs it is the record itself, in one document")
    func json() {
        let text = Renderer(format: .json, style: .plain).document(
            ProofView(value: Self.record(.superseded, proof: RolloutProof()), environment: Self.environment))
        #expect(text.hasPrefix("{\n  \"acceptedAt\" : \"1970-01-01T00:16:40.000Z\",\n"))
        #expect(text.contains("\"result\" : \"superseded\""))
        let line = Renderer(format: .json, style: .plain).element(ProofView(value: Self.record(.succeeded), environment: Self.environment))
        #expect(line.split(separator: "\n").count == 1)
    }
}
