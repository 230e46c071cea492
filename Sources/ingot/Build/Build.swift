import ArgumentParser
import ImageBuild
import IngotModel
import Manifest
import SystemPackage

struct Build: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build an image from a Dockerfile and the commit at hand; print its digest.",
        discussion: """
            In a service's folder and without CONTEXT, what ingot.yaml says. Else as `docker build`, with its flags. The \
            same commit gives the same digest wherever it is built. A tree with uncommitted changes builds too, is marked \
            so, and is refused by production.

            Example:
              ingot build
              ingot build -t guestbook:v1 --build-arg MODE=fast
              ingot build -f deploy/Dockerfile --target test .
              ingot build --output type=docker,dest=guestbook.tar .
              ingot build -t registry.example.com/guestbook:v1 --platform linux/amd64,linux/arm64 --push .
              ingot build --build-number 42 --image-version 1.4.0
              ingot build --verify
              ingot build --check
            """)

    @Argument(
        help: "What COPY reads from: a folder, an archive, - or a Git URL; what ingot.yaml says, or this folder, if left out.", completion: .directory
    )
    var context: String?
    @OptionGroup(title: "What is built") var flags: BuildFlags
    @OptionGroup(title: "What steps get") var steps: StepFlags
    @OptionGroup(title: "What becomes of it") var results: ResultFlags
    @OptionGroup(title: "Registries") var registry: RegistryFlags
    @OptionGroup(title: "How it is shown") var display: BuildDisplayFlags
    @OptionGroup(title: "Where things are") var place: BuildPlace

    var options: GlobalOptions { place.options(output: display.format) }

    func run() async throws {
        let request = try request()
        let build = try LocalBuild(options, insecureRegistries: registry.insecureRegistry)
        if results.check { return try await check(request, build) }
        if results.verify { return try await verify(request, build) }
        let result = try await build.run(request, progress: display.mode, isInteractive: steps.interactiveOnError)
        let view = BuildView(result, tags: request.tags + (try await names(result, build)))
        try display.writeFiles(view.value)
        if display.mode != .quiet { console.note(view.summary) }
        // What went to standard output must stay as it is.
        if display.destinations.contains(where: { $0 == "-" || $0.contains("dest=-") }) { return }
        console.show(view)
    }

    /// The names that the service's own image gets besides; none where it is another.
    private func names(_ result: BuildResult, _ build: LocalBuild) async throws -> [String] {
        guard context == nil, flags.target == nil, let manifest = try place.service.manifestIfPresent(Console(format: .json)) else {
            guard results.buildNumber == nil, results.imageVersion == nil else {
                throw CommandError(
                    "no-service", "only a service's image has a build number or a version here", remedy: "give the name with -t NAME:VERSION")
            }
            return []
        }
        let tags = await BuildTags(
            result, of: manifest.service, in: place.service.folder, buildNumber: results.buildNumber, version: results.imageVersion)
        return try tags.give(to: result.root, in: build.store, console)
    }

    private func check(_ request: BuildRequest, _ build: LocalBuild) async throws {
        let findings = try await build.check(request)
        console.show(BuildCheckView(value: findings))
        if !findings.isEmpty { throw ExitCodes.gate }
    }

    private func verify(_ request: BuildRequest, _ build: LocalBuild) async throws {
        let verification = try await build.verify(request, progress: display.mode)
        console.show(BuildVerificationView(verification))
        if !verification.isReproducible { throw ExitCodes.gate }
    }

    /// What is asked for: the arguments, over what `ingot.yaml` says when no context is given.
    private func request() throws -> BuildRequest {
        let manifest = context == nil ? try place.service.manifestIfPresent(console) : nil
        let source = manifest.map { ServiceBuild(specification: $0, folder: place.service.folder).request() }
        let here = FilePath(WorkingFolder.current)
        var request = try source ?? Self.request(of: context ?? place.directory, here: here)
        try flags.apply(to: &request, here: here, environment: EnvironmentVariables.text)
        try steps.apply(to: &request)
        try results.apply(to: &request, destinations: display.destinations)
        return request
    }

    private static func request(of context: String, here: FilePath) throws -> BuildRequest {
        let source = try BuildContext(text: context)
        guard case .folder(let folder) = source else {
            var request = BuildRequest(contextFolder: here)
            request.context = source
            return request
        }
        return BuildRequest(contextFolder: here.pushing(folder).lexicallyNormalized())
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

    func options(output: OutputFormat) -> GlobalOptions { .local(root: root, output: output) }
}
