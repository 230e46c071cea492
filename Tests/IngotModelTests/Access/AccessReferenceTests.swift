import Foundation
import IngotModel
import Testing

/// The table of docs/reference/access.md, as Markdown.
@Suite("What the reference says of roles")
struct AccessReferenceTests {
    private static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/reference/access.md")

    private static func cells(_ line: some StringProtocol) -> [String] {
        line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test("the table for people has a row for every permission and a column for every role, and says what the roles say")
    func table() throws {
        let lines = try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n")
        let heading = try #require(lines.firstIndex { $0.hasPrefix("| May |") })
        let roles = Self.cells(lines[heading]).dropFirst().compactMap { Role(rawValue: $0) }
        #expect(Set(roles) == Set(Role.allCases))
        var documented: Set<Permission> = []
        for line in lines[(heading + 2)...].prefix(while: { $0.hasPrefix("|") }) {
            let cells = Self.cells(line)
            let name = cells[0].split(separator: "`").first.map(String.init) ?? ""
            let permission = try #require(Permission(rawValue: name), "\(line)")
            documented.insert(permission)
            try #require(cells.count == roles.count + 1)
            for (role, cell) in zip(roles, cells.dropFirst()) {
                let says = (outside: cell == "yes" || cell == "not production", production: cell == "yes")
                #expect(role.has(permission, isProduction: false) == says.outside, "\(role) and \(permission)")
                #expect(role.has(permission, isProduction: true) == says.production, "\(role) and \(permission)")
            }
        }
        #expect(documented == Set(Permission.allCases))
    }
}
