import ArgumentParser
import Gates
import IngotModel

struct AdvisoriesShow: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what is known about a package, and about one version of it.",
        discussion: """
            The ecosystem is named as OSV names it: PyPI, npm, Go, crates.io, Maven, RubyGems, NuGet, Debian:12, Alpine:v3.22. For a \
            distribution the package is the source package.

            Example:
              ingot advisories show PyPI jinja2 3.1.2
              ingot advisories show Debian:12 openssl
            """)

    @Argument(help: "Such as PyPI or Debian:12.") var ecosystem: String
    @Argument(help: "The package's name.") var package: String
    @Argument(help: "Only what this version is affected by.") var version: String?
    @OptionGroup var options: GlobalOptions

    struct Answer: Encodable {
        var id: String
        var aliases: [String]
        var severity: Severity
        var status: String
        var fixedVersion: String?
        var summary: String
    }

    func run() async throws {
        guard let scope = AdvisoryScope(ecosystem) else {
            throw CommandError(
                "ecosystem-unknown", "'\(ecosystem)' is no ecosystem whose versions can be ordered here",
                remedy: "name it as OSV does, a distribution with its release: PyPI, npm, Debian:12, Alpine:v3.22")
        }
        let known = try AdvisoryIndex.open(options.advisoryIndex).advisories(scope, package)
        console.show(AdvisoryListView(value: known.compactMap { answer($0, scope) }))
    }

    private func answer(_ advisory: Advisory, _ scope: AdvisoryScope) -> Answer? {
        var answer = Answer(
            id: advisory.id, aliases: advisory.aliases, severity: advisory.severity, status: "\(advisory.status)",
            fixedVersion: advisory.ranges.last?.events.last { $0.kind == .fixed }?.version.text, summary: advisory.summary)
        guard let version else { return answer }
        switch advisory.verdict(on: scope.order.version(version)) {
        case .notAffected: return nil
        case .affected(let fix): answer.fixedVersion = fix
        case .unreadable: answer.status = "can't be judged"
        }
        return answer
    }
}

struct AdvisoryListView: View {
    var value: [AdvisoriesShow.Answer]

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["Nothing is known."] }
        var table = Table([.left("ID"), .left("ALSO"), .left("SEVERITY"), .left("STATUS"), .left("MENDED IN")])
        for advisory in value {
            table.add(
                Table.Cell(Terminal.safe(advisory.id)), Table.Cell(Terminal.safe(advisory.aliases.joined(separator: " "))),
                Table.Cell(advisory.severity.rawValue), Table.Cell(advisory.status), Table.Cell(Terminal.safe(advisory.fixedVersion ?? "–")))
        }
        return table.lines(style)
    }
}
