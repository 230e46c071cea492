public import IngotModel

internal import struct Crypto.SHA256

/// What is attested of the tests of an image: which passed, which failed, and by which manifest they were run.
///
/// Without times: the same results are the same statement, and so the same document beside the image.
public enum TestStatement {
    /// - Parameters:
    ///   - results: whether each test passed when it last ran with the image; not empty.
    ///   - manifest: the bytes of `ingot.yaml`, which names the tests.
    /// - Throws: `gates.attestation-malformed`.
    public static func make(
        about image: Digest, of service: ServiceName, results: [String: Bool], manifest: [UInt8]
    ) throws(GateError) -> Statement {
        let passed = results.filter(\.value).keys.sorted()
        let failed = results.filter { !$0.value }.keys.sorted()
        let hash = Digest(bytes: Array(SHA256.hash(data: manifest)))
        let predicate = TestResultPredicate(
            result: failed.isEmpty ? .passed : .failed,
            configuration: [ResourceDescriptor(name: "ingot.yaml", digest: [Digest.algorithm: hash.hex])], passedTests: passed,
            failedTests: failed)
        return try Statement(about: Subject(name: service.name, digest: image), predicate)
    }
}
