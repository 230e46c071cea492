import ImageBuild
import ImageStore
import IngotModel
import Logging
import Manifest
import SystemPackage

/// Base images on this machine: their descriptions read, built with progress shown.
struct LocalBases {
    let store: ImageStore
    let builder: BaseImageBuilder
    private let console: Console

    init(_ options: GlobalOptions) throws {
        store = try options.store()
        let silent = Logger(label: "ingot.base") { _ in SwiftLogNoOpLogHandler() }
        builder = BaseImageBuilder(store: store, cacheFolder: FilePath(options.rootFolder).appending("build"), logger: silent)
        console = options.console
    }

    static func specification(_ file: String) throws -> BaseImageSpecification {
        guard let text = try LocalFile.read(file, limit: .mebibytes(2)) else {
            throw CommandError("base-missing", "there is no \(file)", remedy: "`ingot base build --help` shows what to write")
        }
        let parsed = BaseDefinition.parse(text, file: file)
        guard let specification = parsed.value, !parsed.diagnostics.contains(where: { $0.severity == .error }) else {
            throw CommandError.mistakes(in: file, parsed.diagnostics)
        }
        return specification
    }

    func build(_ specification: BaseImageSpecification) async throws -> Image {
        let progress = console.progress()
        defer { progress.finish() }
        let step = "base \(specification.name): \(specification.suite) with \(Words.count(specification.packages.count, "package"))"
        progress.start("base", step)
        let isLive = console.errors.style.isLive
        let image = try await builder.build(specification) { line in
            // On a terminal the last line is enough: it is drawn over by the next.
            if isLive {
                progress.start("line", Terminal.safe(line), isAnnounced: false)
            } else {
                progress.say(["           | \(Terminal.safe(line))"])
            }
        }
        progress.drop("line")
        progress.end("base", step)
        return image
    }
}
