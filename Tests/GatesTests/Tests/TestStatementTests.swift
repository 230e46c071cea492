import IngotModel
import Testing

@testable import Gates

@Suite struct TestStatementTests {
    private let image = Digest(bytes: [UInt8](repeating: 1, count: 32))

    private func statement(_ results: [String: Bool]) throws -> Statement {
        try TestStatement.make(about: image, of: ServiceName(uncheckedName: "shop"), results: results, manifest: Array("abc".utf8))
    }

    @Test("a statement is about the image, and names what passed and what failed and by which manifest")
    func named() throws {
        let read = try Statement.decode(try statement(["unit": true, "smoke": false, "api": true]).encode())
        #expect(read.isAbout(image))
        let predicate = try read.predicate(as: TestResultPredicate.self)
        #expect(predicate.result == .failed)
        #expect(predicate.passedTests == ["api", "unit"] && predicate.failedTests == ["smoke"])
        // The SHA-256 of `abc`: FIPS 180-2, appendix B.1.
        #expect(
            predicate.configuration.map(\.digest) == [["sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]])
    }

    @Test("the same results are the same bytes")
    func stable() throws {
        #expect(try statement(["a": true, "b": true]).encode() == statement(["b": true, "a": true]).encode())
        #expect(try statement(["a": true]).predicate(as: TestResultPredicate.self).result == .passed)
    }
}
