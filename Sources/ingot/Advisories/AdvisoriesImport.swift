import ArgumentParser
import Gates
import IngotModel
import SystemPackage

struct AdvisoriesImport: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take advisories over from a file, a folder or an address.",
        discussion: """
            osv is a folder of JSON files, a zip of them, or JSON lines, as osv.dev publishes them for each ecosystem; alpine is a list \
            of secdb.alpinelinux.org, as JSON or YAML; debian is the JSON of security-tracker.debian.org. Files may be compressed. What \
            was imported under the same name before is replaced; if it came from elsewhere, only when --name gives the name. All of it is \
            taken over, or nothing; `ingot advisories update` does it again from the same place.

            Example:
              ingot advisories import osv PyPI/all.zip --name pypi
              ingot advisories import osv https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip --name npm
              ingot advisories import debian tracker.json
            """)

    @Argument(help: "osv, alpine or debian.", transform: Self.format) var format: AdvisorySource.Format
    @Argument(help: "A file, a folder, or an address with https.", completion: .file()) var path: String
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
        let location =
            AdvisoryFeed.isAddress(path) ? path : FilePath(WorkingFolder.current).pushing(FilePath(path)).lexicallyNormalized().string
        try options.makeAdvisoryFolder()
        let feed = AdvisoryFeed(format: format, location: location, origin: name)
        let done = try await feed.import(into: options.advisoryIndex, at: Clock.now)
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
        let more = aside.isEmpty ? "" : " (\(aside.joined(separator: ", ")))"
        var lines = ["\(name): \(Words.count(source.advisories, "statement")) imported\(more)"]
        if source.newest == nil, source.advisories > 0 { lines.append("\(name): nothing says how old they are; they count as known as of now") }
        return lines
    }
}
