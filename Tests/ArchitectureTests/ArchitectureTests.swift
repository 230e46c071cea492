import Foundation
import Testing

@Suite("Modules know what their row of the table says")
struct ArchitectureTests {
    @Test("no file imports more than its module may know")
    func imports() throws {
        for module in try SourceFiles.modules() {
            let allowed = ModuleTable.mayImport(module)
            for file in try SourceFiles.swiftFiles(of: module) {
                let imported = SourceFiles.imports(in: try String(contentsOf: file, encoding: .utf8))
                for name in imported.subtracting(allowed).sorted() {
                    Issue.record("\(module)/\(file.lastPathComponent) imports \(name), which its row of the module table does not allow")
                }
            }
        }
    }

    @Test("every folder of sources has a row, and every row a folder")
    func rows() throws {
        #expect(Set(try SourceFiles.modules()) == Set(ModuleTable.modules.keys))
    }

    @Test("the table has no circle")
    func noCircle() {
        var left = ModuleTable.modules.mapValues { $0.intersection(ModuleTable.modules.keys) }
        while let free = left.keys.sorted().first(where: { left[$0]?.isEmpty == true }) {
            left[free] = nil
            left = left.mapValues { $0.subtracting([free]) }
        }
        #expect(left.isEmpty, "these know each other: \(left.keys.sorted())")
    }

    @Test("values and decisions know nothing of files, networks and clocks", arguments: ["IngotModel", "Rollout"])
    func pure(module: String) throws {
        for file in try SourceFiles.swiftFiles(of: module) {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(SourceFiles.imports(in: text).isSubset(of: ["IngotModel"]), "\(file.lastPathComponent) imports more than values")
            for clock in ["ContinuousClock", "SuspendingClock", "Task.sleep", "SystemRandomNumberGenerator", ".random(in:"] {
                #expect(!text.contains(clock), "\(file.lastPathComponent) uses \(clock)")
            }
        }
    }

    @Test(
        "import lines are understood in all their forms",
        arguments: [
            ("import A", ["A"]), ("public import A", ["A"]), ("@testable import A", ["A"]), ("    internal import A.B", ["A"]),
            ("@_exported public import struct A.B", ["A"]), ("// import A", []), ("let important = 1", []), ("import func A.f", ["A"]),
        ] as [(String, Set<String>)])
    func importForms(line: String, modules: Set<String>) { #expect(SourceFiles.imports(in: line) == modules) }

    /// The row `| Module | Holds | May know |` of docs/architecture.md: names in backquotes, of ours and of packages.
    @Test("the table for people says the same", .enabled(if: SourceFiles.text("docs/architecture.md") != nil))
    func documentation() throws {
        let documented = DocumentedTable.rows(in: try #require(SourceFiles.text("docs/architecture.md")))
        try #require(!documented.isEmpty, "docs/architecture.md has a table | Module | Holds | May know |")
        for (module, allowed) in ModuleTable.modules {
            guard let row = documented[module] else {
                Issue.record("docs/architecture.md has no row for \(module)")
                continue
            }
            let known = row.intersection(ModuleTable.modules.keys)
            let ours = allowed.intersection(ModuleTable.modules.keys)
            #expect(known == ours, "docs/architecture.md says that \(module) may know \(known.sorted()); the test says \(ours.sorted())")
        }
    }

    @Test("a table in Markdown is read by its names")
    func reading() {
        let text = """
            Words.

            | Module | Holds | May know |
            |---|---|---|
            | `A` | words, `code` | nothing |
            | `B`, `C` | more | `A`, Yams |

            | Other | Table | Here |
            |---|---|---|
            | `D` | x | `A` |
            """
        #expect(DocumentedTable.rows(in: text) == ["A": [], "B": ["A", "Yams"], "C": ["A", "Yams"]])
    }
}

/// The module table as it stands in Markdown.
enum DocumentedTable {
    /// For each module the names of the last column, with or without backquotes. `all of the above` means the rows before.
    static func rows(in text: String) -> [String: Set<String>] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
        guard let heading = lines.firstIndex(where: { columns($0).map { $0.lowercased() } == ["module", "holds", "may know"] }) else { return [:] }
        var rows: [String: Set<String>] = [:]
        for line in lines[(heading + 1)...].prefix(while: { $0.hasPrefix("|") }).dropFirst() {
            let columns = columns(line)
            guard columns.count == 3 else { continue }
            let known = columns[2] == "all of the above" ? Set(rows.keys) : names(columns[2]).subtracting(["nothing", "–", "-"])
            for module in names(columns[0]) { rows[module] = known }
        }
        return rows
    }

    private static func columns(_ line: String) -> [String] {
        guard line.hasPrefix("|"), line.hasSuffix("|"), line.count > 1 else { return [] }
        return line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private static func names(_ column: String) -> Set<String> {
        let words = column.split { $0 == "," || $0 == " " || $0 == ";" }.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "`")) }
        return Set(words.filter { !$0.isEmpty })
    }
}
