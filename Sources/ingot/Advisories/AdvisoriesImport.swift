import ArgumentParser
import Gates
import IngotModel
import SystemPackage

struct AdvisoriesImport: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take advisories over from a file or a folder.",
        discussion: """
            osv is a folder of JSON files, a zip of them, or JSON lines, as osv.dev publishes them for each ecosystem; alpine is a list \
            of secdb.alpinelinux.org, as JSON or YAML; debian is the JSON of security-tracker.debian.org. Files may be compressed. What \
            was imported under the same name before is replaced. All of it is taken over, or nothing.

            Example:
              ingot advisories import osv PyPI/all.zip --name pypi
              ingot advisories import debian tracker.json
            """)

    @Argument(help: "osv, alpine or debian.", transform: Self.format) var format: AdvisorySource.Format
    @Argument(help: "A file, or a folder.", completion: .file()) var path: String
    @Option(help: ArgumentHelp("Under which name they are kept; else the file's.", valueName: "name")) var name: String?
    @OptionGroup var options: GlobalOptions

    private static func format(_ text: String) throws -> AdvisorySource.Format {
        guard let format = AdvisorySource.Format(rawValue: text) else {
            let known = AdvisorySource.Format.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(text)' is no form of advisories; they are \(known)")
        }
        return format
    }

    func run() async throws {
        let path = FilePath(WorkingFolder.current).pushing(FilePath(path)).lexicallyNormalized()
        try options.makeAdvisoryFolder()
        let done = try AdvisorySource(format: format, path: path, origin: name).import(into: options.advisoryIndex, at: Clock.now)
        console.show(AdvisoryImportView(value: done))
    }
}

struct AdvisoryImportView: View {
    var value: AdvisoryImport

    func lines(_ style: TextStyle) -> [String] {
        let source = value.source
        let name = Terminal.safe(source.origin)
        if value.isUnchanged { return ["\(name): the same was imported on \(source.importedAt.text.prefix(10)) already"] }
        let aside = [
            source.withdrawn > 0 ? "\(source.withdrawn) withdrawn" : nil,
            source.skipped > 0 ? "\(source.skipped) about ecosystems that are not judged" : nil,
        ].compactMap { $0 }
        return ["\(name): \(Words.count(source.advisories, "statement")) imported" + (aside.isEmpty ? "" : " (\(aside.joined(separator: ", ")))")]
    }
}
