import Foundation
import IngotModel
import Simulation
import Testing

@testable import Gates

/// A short run of what `make fuzz` does for longer: the corpus with bytes changed, removed and doubled.
@Suite("Advisories with bytes changed are read or refused, and never trap") struct MutatedAdvisoryTests {
    static let corpus: [String: [UInt8]] = {
        let folder = URL(fileURLWithPath: #filePath).appending(path: "../../../../Fuzzing/corpus").standardized
        var corpus: [String: [UInt8]] = [:]
        for name in ["advisory/osv.json", "advisory/alpine.yaml", "advisory/debian.json", "scanner/trivy.json", "scanner/grype.json"] {
            corpus[name] = (try? Data(contentsOf: folder.appending(path: name))).map { Array($0) }
        }
        return corpus
    }()

    @Test("each form of the corpus is read as it stands")
    func whole() throws {
        #expect(Self.corpus.count == 5)
        let osv = try OSVRecord.decode(#require(Self.corpus["advisory/osv.json"])).statements(.standard)
        #expect(osv.advisories.map(\.package) == ["jinja-2"] && osv.advisories.first?.severity == .critical)
        #expect(osv.advisories.first?.scoreTenths == 93 && osv.advisories.first?.status == .unimportant)
        #expect(try AlpineDatabase.decode(#require(Self.corpus["advisory/alpine.yaml"]), .standard).advisories(.standard).count == 1)
        #expect(try DebianTracker.decode(#require(Self.corpus["advisory/debian.json"])).advisories(.standard).count == 3)
    }

    @Test("what is read from a changed one is kept by the index as it is", arguments: corpus.keys.sorted())
    func mutated(_ name: String) throws {
        var generator = SeededGenerator(seed: 9)
        let original = try #require(Self.corpus[name])
        var readable = 0
        for _ in 0..<1_500 {
            let bytes = mutated(original, &generator)
            for advisory in read(bytes) {
                readable += 1
                var writer = AdvisoryWriter()
                writer.write(advisory)
                var reader = AdvisoryReader(writer.bytes)
                var again = AdvisoryWriter()
                again.write(try reader.advisory(advisory.scope, advisory.package))
                #expect(again.bytes == writer.bytes)
                _ = advisory.verdict(on: advisory.scope.order.version("1.0"))
            }
        }
        #expect(name.hasPrefix("scanner") || readable > 50)
    }

    private func read(_ bytes: [UInt8]) -> [Advisory] {
        for program in ExternalScanner.Program.allCases {
            _ = try? ExternalScanner(program).report(BillOfMaterials.digest, bytes, VulnerabilityPolicy(), .test)
        }
        if let record = try? OSVRecord.decode(bytes) { return (try? record.statements(.standard).advisories) ?? [] }
        if let database = try? AlpineDatabase.decode(bytes, .standard) { return (try? database.advisories(.standard)) ?? [] }
        return (try? DebianTracker.decode(bytes).advisories(.standard)) ?? []
    }

    private func mutated(_ original: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let position = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[position] = UInt8.random(in: .min ... .max, using: &generator)
            case 1: bytes[position] = Array("0129.:~-*{}[]\"".utf8).randomElement(using: &generator) ?? 0
            case 2: bytes.remove(at: position)
            default: bytes.insert(contentsOf: bytes[position...].prefix(20), at: position)
            }
        }
        return bytes
    }

    @Test("the index's own bytes, changed, are read or refused")
    func index() {
        var writer = AdvisoryWriter()
        writer.write(.openssl(aliases: ["GHSA-x"]))
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<3_000 {
            var reader = AdvisoryReader(mutated(writer.bytes, &generator))
            _ = try? reader.advisory(.bookworm, "openssl")
        }
        for count in writer.bytes.indices {
            var reader = AdvisoryReader(Array(writer.bytes.prefix(count)))
            #expect(throws: AdvisoryReader.Damaged.self) { try reader.advisory(.bookworm, "openssl") }
        }
    }
}
