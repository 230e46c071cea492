import Foundation
import IngotModel
import Testing

@testable import Manifest

@Suite struct ReferenceTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/reference/ingot-yaml.md")

    @Test("the reference page says what the parser does; INGOT_WRITE_REFERENCE=1 writes it")
    func page() throws {
        if ProcessInfo.processInfo.environment["INGOT_WRITE_REFERENCE"] == "1" {
            try Data(ManifestReference.markdown.utf8).write(to: Self.page, options: .atomic)
        }
        #expect(try String(contentsOf: Self.page, encoding: .utf8) == ManifestReference.markdown)
    }

    @Test("every default has a key that the grammar knows, and a reason")
    func defaults() {
        let keys = Set(Grammar.documented.flatMap { section in section.keys.map { "\(section.path).\($0.name)" } })
        for row in Defaults.table {
            #expect(keys.contains(row.key), "\(row.key)")
            #expect(!row.reason.isEmpty)
        }
        #expect(Set(Defaults.table.map(\.key)).count == Defaults.table.count)
    }

    @Test("what a default says of itself can be written in the file")
    func written() {
        #expect(Defaults.memory.written == "256MiB")
        #expect(Defaults.processors.written == "1")
        #expect(Defaults.startInterval.written == "5ms")
        #expect(Defaults.warm.written == "1m; 10m in production")
        #expect(Defaults.egress.written == "internet")
    }
}
