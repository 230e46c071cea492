import ArgumentParser
import ImageBuild
import IngotModel
import Manifest
import SystemPackage

struct Build: IngotCommand {
    static let configuration = CommandConfiguration(
        abstract: "Build an image from a Dockerfile and the commit at hand; print its digest.",
        discussion: """
            In a service's folder and without CONTEXT, what ingot.yaml says. Else as `docker build`, with its flags. The \
            same commit gives the same digest wherever it is built. A tree with uncommitted changes builds too, is marked \
            so, and is refused by production.

            Example:
              ingot build
              ingot build -t guestbook:v1 --build-arg MODE=fast
              ingot build -f deploy/Dockerfile --target test .
            """)

    @Argument(help: "What COPY reads from: a folder; what ingot.yaml says, or this folder, if left out.", completion: .directory)
    var context: String?
    @OptionGroup(title: "What is built") var flags: BuildFlags
    @OptionGroup(title: "What steps get") var steps: StepFlags
    @OptionGroup(title: "How it is shown") var display: BuildDisplayFlags
    @OptionGroup(title: "Where things are") var place: BuildPlace

    var options: GlobalOptions { place.options(output: display.format) }

    func run() async throws {
        let request = try request()
        let build = try LocalBuild(options)
        let result = try await build.run(request, progress: display.mode, isInteractive: steps.interactiveOnError)
        let view = BuildView(result, tags: request.tags)
        try display.writeFiles(view.value)
        if display.mode != .quiet { console.note(view.summary) }
        console.show(view)
    }

    /// What is asked for: the arguments, over what `ingot.yaml` says when no context is given.
    private func request() throws -> BuildRequest {
        let manifest = context == nil ? try place.service.manifestIfPresent(console) : nil
        let source = manifest.map { ServiceBuild(specification: $0, folder: place.service.folder).request() }
        let here = FilePath(WorkingFolder.current)
        var request = source ?? BuildRequest(contextFolder: here.pushing(FilePath(context ?? place.directory)).lexicallyNormalized())
        try flags.apply(to: &request, here: here, environment: TextStyle.environment)
        try steps.apply(to: &request)
        return request
    }
}

/// Where the service, its description and the store are.
struct BuildPlace: ParsableArguments {
    @Option(
        name: [.customShort("C"), .customLong("directory")], help: ArgumentHelp("The service's folder.", valueName: "folder"), completion: .directory)
    var directory: String = "."
    // `--file` is the Dockerfile here, as it is everywhere else that images are built.
    @Option(help: ArgumentHelp("The service's description, relative to its folder.", valueName: "file"), completion: .file(extensions: ["yaml"]))
    var manifest: String = Manifest.fileName
    @Option(
        help: ArgumentHelp("The daemon's folder; $INGOT_ROOT, or \(GlobalOptions.defaultRoot), if left out.", valueName: "folder"),
        completion: .directory)
    var root: String?

    var service: ServiceOptions {
        var service = ServiceOptions()
        service.directory = directory
        service.file = manifest
        return service
    }

    func options(output: OutputFormat) -> GlobalOptions {
        var options = GlobalOptions()
        options.root = root
        options.output = output
        return options
    }
}
