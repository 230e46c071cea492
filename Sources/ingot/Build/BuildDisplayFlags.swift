import ArgumentParser
import IngotModel
import SystemPackage

/// How a build is shown, and where what it made is written down.
struct BuildDisplayFlags: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the image goes too, as FOLDER, type=oci|docker|local|tar,dest=PATH, or type=registry; or, as text or json, the form of the answer.",
            valueName: "output"))
    var output: [String] = []
    @Option(help: "A tree drawn in place, lines, or nothing; a tree on a terminal if left out.") var progress: ProgressMode = .auto
    @Flag(name: .shortAndLong, help: "Print the digest only.") var quiet = false
    @Option(help: ArgumentHelp("Writes the image's digest to a file.", valueName: "file"), completion: .file()) var iidfile: String?
    @Option(
        help: ArgumentHelp("Writes what was built to a file, as JSON with the keys of Docker's buildx.", valueName: "file"), completion: .file())
    var metadataFile: String?

    var mode: ProgressMode { quiet ? .quiet : progress }

    /// `--output` means two things, as people know it from Docker and as all other commands here have it: the words `text`
    /// and `json` are the form of the answer. A folder of that name is written `./json`.
    var format: OutputFormat { output.compactMap(OutputFormat.init).last ?? .text }
    var destinations: [String] { output.filter { OutputFormat(rawValue: $0) == nil } }

    func writeFiles(_ built: BuildView.Value) throws {
        if let iidfile { try LocalFile.replace(iidfile, "\(built.image)") }
        if let metadataFile { try LocalFile.replace(metadataFile, BuildMetadata(built).json) }
    }
}
