import Foundation
import IngotModel
import Testing

@testable import Gates

/// Bundles that sigstore's conformance suite publishes, each with what must become of it: those that end in `_fail` must be refused.
@Suite("Sigstore's conformance bundles") struct SigstoreConformanceTests {
    private static let folder = PublishedData.folder.appending(path: "sigstore")
    private static let cases = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { !$0.contains(".") }.sorted()

    private static let skipped: Comment = "SKIPPED: no bundles; set INGOT_TEST_DATA to the folder that has sigstore/"

    @Test("the folder has its cases", .enabled(if: !cases.isEmpty, skipped)) func present() { #expect(Self.cases.count >= 4) }

    @Test("each has its expected result", .enabled(if: !cases.isEmpty, skipped), arguments: cases)
    func expected(_ name: String) throws {
        let place = Self.folder.appending(path: name)
        let content = try Array(Data(contentsOf: Self.folder.appending(path: "a.txt")))
        let bundle = try Array(Data(contentsOf: place.appending(path: "bundle.sigstore.json")))
        let pem = try? String(contentsOf: place.appending(path: "key.pub"), encoding: .utf8)
        // The wrong key is not even one of a kind that Ingot takes: then there is none.
        let keys = pem.flatMap { try? VerificationKey(pem: $0, name) }.map { [$0] } ?? []
        let requirement = SignatureRequirement(predicateType: Sample.signature, trusted: keys)
        let verdict = requirement.judge([.bundle(bundle)], of: Digest(bytes: KnownDigest(of: content).bytes))
        #expect(verdict.isMet == !name.hasSuffix("_fail"), "\(name): \(verdict.refused) \(verdict.missing ?? "")")
        #expect(!requirement.judge([.bundle(bundle)], of: Sample.image).isMet)
    }
}
