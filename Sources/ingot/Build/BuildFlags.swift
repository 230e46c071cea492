import ArgumentParser
import ImageBuild
import ImageStore
import IngotModel
import SystemPackage

/// What to build, in Docker's words.
struct BuildFlags: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("file"), .customLong("dockerfile")],
        help: ArgumentHelp("The Dockerfile; `Dockerfile` in the context if left out.", valueName: "file"), completion: .file())
    var dockerfile: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("A name for the image; may be given again.", valueName: "name")) var tag: [String] = []
    @Option(
        name: .customLong("build-arg"),
        help: ArgumentHelp("A value for an ARG; NAME alone takes it from the environment. May be given again.", valueName: "name=value"))
    var buildArguments: [String] = []
    @Option(help: ArgumentHelp("The stage to build, by name or number; the last one if left out.", valueName: "stage")) var target: String?
    @Option(
        help: ArgumentHelp(
            "The platforms to build for, such as linux/amd64,linux/arm64; this machine's if left out. May be given again.", valueName: "platforms"))
    var platform: [String] = []
    @Flag(inversion: .prefixedNo, help: "Ask registries for newer bases, or for none at all; for those that are missing if left out.")
    var pull: Bool?
    @Flag(help: "Run every step, whatever the cache holds.") var noCache = false
    @Option(help: ArgumentHelp("A label for the image; may be given again.", valueName: "name=value")) var label: [String] = []

    func validate() throws {
        for text in buildArguments where text.isEmpty || text.hasPrefix("=") {
            throw ValidationError("--build-arg takes NAME=VALUE, or NAME, not '\(text)'.")
        }
        for text in label where text.isEmpty || text.hasPrefix("=") { throw ValidationError("--label takes NAME=VALUE, not '\(text)'.") }
    }

    func apply(to request: inout BuildRequest, here: FilePath, environment: (String) -> String?) throws {
        if let dockerfile { request.dockerfilePath = here.pushing(FilePath(dockerfile)).lexicallyNormalized() }
        request.target = target ?? request.target
        for name in tag { try TagPolicy.checkReference(name) }
        if !tag.isEmpty { request.tags = tag }
        // The tag of the service's image must not move to another stage of it.
        if target != nil, tag.isEmpty { request.tags = [] }
        request.buildArguments = NamedValues.read(buildArguments, environment: environment)
        request.labels = NamedValues.read(label) { _ in "" }
        request.ignoresCache = noCache
        request.platforms = try PlatformList.read(platform)
        if let pull { request.pulling = pull ? .always : .never }
    }
}

/// `NAME=VALUE` as it is given on the command line.
enum NamedValues {
    /// The last value of a name counts, as with a variable. A name that stands alone has what the environment says, and is
    /// left out when that says nothing.
    static func read(_ arguments: [String], environment: (String) -> String?) -> [String: String] {
        let pairs = arguments.compactMap { argument -> (String, String)? in
            guard let equals = argument.firstIndex(of: "=") else { return environment(argument).map { (argument, $0) } }
            return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
        }
        return Dictionary(pairs) { _, last in last }
    }
}

/// `linux/amd64,linux/arm64` as it is given on the command line, once or again.
enum PlatformList {
    static func read(_ arguments: [String]) throws -> [Platform] {
        try arguments.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map { try Platform(text: String($0)) }
    }
}
