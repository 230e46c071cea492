import ArgumentParser
import ImageBuild
import IngotModel
import SystemPackage

struct Build: IngotCommand {
    static let configuration = CommandConfiguration(
        abstract: "Build an image from a Dockerfile and the commit at hand; print its digest.",
        discussion: """
            Without arguments, what ingot.yaml says. The same commit gives the same digest wherever it is built. A tree \
            with uncommitted changes builds too, is marked so, and is refused by production.

            Example:
              ingot build
              ingot build -t guestbook:v1 --build-arg MODE=fast
              ingot build -f deploy/Dockerfile --target test .
            """)

    @Argument(help: "The folder that COPY reads from; what ingot.yaml says, or this folder, if left out.", completion: .directory)
    var context: String?
    @Option(
        name: [.customShort("f"), .customLong("dockerfile")], help: "The Dockerfile; `Dockerfile` in the context if left out.", completion: .file())
    var dockerfile: String?
    @Option(name: .shortAndLong, help: "A name for the image; may be given again.") var tag: [String] = []
    @Option(name: .customLong("build-arg"), help: ArgumentHelp("A value for an ARG; may be given again.", valueName: "name=value"))
    var buildArguments: [String] = []
    @Option(help: "The stage to build; the last one if left out.") var target: String?
    @Flag(help: "Run every step, whatever the cache holds.") var noCache = false
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if let wrong = buildArguments.first(where: { !$0.contains("=") || $0.hasPrefix("=") }) {
            throw ValidationError("--build-arg takes NAME=VALUE, not '\(wrong)'.")
        }
    }

    func run() async throws {
        let request = try request()
        let view = BuildView(try await LocalBuild(options).run(request), tags: request.tags)
        console.note(view.summary)
        console.show(view)
    }

    /// What is asked for: the arguments, over what `ingot.yaml` says when no context is given.
    private func request() throws -> BuildRequest {
        let manifest = context == nil ? try service.manifestIfPresent(console) : nil
        let source = manifest.map { ServiceBuild(specification: $0, folder: service.folder).request() }
        let here = FilePath(WorkingFolder.current)
        var request = source ?? BuildRequest(contextFolder: here.pushing(FilePath(context ?? service.directory)).lexicallyNormalized())
        if let dockerfile { request.dockerfilePath = here.pushing(FilePath(dockerfile)).lexicallyNormalized() }
        request.target = target ?? request.target
        if !tag.isEmpty { request.tags = tag }
        // The tag of the service's image must not move to another stage of it.
        if target != nil, tag.isEmpty { request.tags = [] }
        request.buildArguments = Self.pairs(buildArguments)
        request.ignoresCache = noCache
        return request
    }

    /// The last value of a name counts, as with a variable.
    static func pairs(_ arguments: [String]) -> [String: String] {
        let pairs = arguments.compactMap { argument -> (String, String)? in
            guard let equals = argument.firstIndex(of: "=") else { return nil }
            return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
        }
        return Dictionary(pairs) { _, last in last }
    }
}

/// The builds that a service's description asks for.
struct ServiceBuild {
    let specification: ServiceSpecification
    let folder: FilePath

    /// The image itself. One tag, which moves with each build: releases keep their own images, and a commit is found by its label.
    func request() -> BuildRequest {
        BuildRequest(
            contextFolder: path(specification.image.context), dockerfilePath: path(specification.image.dockerfile),
            target: specification.image.target, tags: [specification.service.name], title: specification.service.name)
    }

    /// A stage that is a test.
    func request(testing stage: String, deadline: Milliseconds) -> BuildRequest {
        var request = request()
        request.target = stage
        request.isTest = true
        request.tags = []
        request.deadline = deadline
        return request
    }

    private func path(_ relative: String) -> FilePath { folder.pushing(FilePath(relative)).lexicallyNormalized() }
}
