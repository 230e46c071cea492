import ArgumentParser
import Gates
import IngotModel
import Lint

struct LintCommand: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Look for what works today and hurts later: in ingot.yaml, the Dockerfile and an image.",
        discussion: """
            Each finding has an identifier, a reason and what to do. All rules, and how one is ignored, are in \
            docs/reference/lint.md. Exit code 3 when a finding is at or above --fail-at.

            Example:
              ingot lint
              ingot lint deploy/Dockerfile
              ingot lint --image guestbook
              ingot lint --output sarif > lint.sarif
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json, sarif
    }

    enum Threshold: String, CaseIterable, ExpressibleByArgument {
        case note, warning, error, never

        func isReached(by severity: LintSeverity?) -> Bool {
            guard let severity, let threshold = LintSeverity(rawValue: rawValue) else { return false }
            return severity >= threshold
        }
    }

    @Argument(help: "The service's folder, its ingot.yaml, or a Dockerfile; this folder if left out.", completion: .file()) var path: String = "."
    @Option(help: "An image of the store to measure too: a digest (or 12 digits of it), a tag or a commit.") var image: String?
    @Option(name: .shortAndLong, help: "How the answer is written: for people, as JSON, or as SARIF 2.1.0.") var output: Format = .text
    @Option(help: "The least severity that fails the command.") var failAt: Threshold = .error
    @Option(
        help: ArgumentHelp("The daemon's folder; $INGOT_ROOT, or \(GlobalOptions.defaultRoot), if left out.", valueName: "folder"),
        completion: .directory)
    var root: String?

    var options: GlobalOptions { .local(root: root, output: output == .text ? .text : .json) }

    func run() async throws {
        var sources = try LintSources(path, options, isNeeded: image == nil)
        var findings = sources.findings()
        if let image {
            let looked = try await LintedImage(options: options, sources: sources).findings(image)
            findings += looked.findings
            sources.exemptions.subjects.formUnion(looked.subjects)
            sources.names.append("\(looked.digest)")
        }
        let report = LintReport(subjects: sources.names, findings: findings, exemptions: sources.exemptions)
        show(report, sources)
        if failAt.isReached(by: report.worst) { throw ExitCodes.gate }
    }

    private func show(_ report: LintReport, _ sources: LintSources) {
        guard output == .sarif else { return console.show(LintView(value: report, sources: sources.texts)) }
        let log = SARIFLog(report, version: Version.current, manifest: sources.manifestPath)
        Console.write(Renderer.json(log, isPretty: true), to: 1)
    }
}
