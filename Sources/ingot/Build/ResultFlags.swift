import ArgumentParser
import ImageBuild
import ImageStore
import IngotModel
import SystemPackage

/// What becomes of the image and of what was found out while building it.
struct ResultFlags: ParsableArguments {
    @Option(help: ArgumentHelp("An annotation of the image's manifest; may be given again.", valueName: "name=value")) var annotation: [String] = []
    @Option(help: "How new layers are compressed: gzip or zstd; gzip if left out, which every engine reads.") var compression:
        LayerCompressionArgument?
    @Option(
        help: ArgumentHelp(
            "Results of another machine to use: type=registry,ref=NAME or type=local,src=FOLDER; may be given again.", valueName: "cache"))
    var cacheFrom: [String] = []
    @Option(
        help: ArgumentHelp(
            "Leaves results for other machines: type=registry,ref=NAME or type=local,dest=FOLDER, with mode=max of all stages; may be given again.",
            valueName: "cache"))
    var cacheTo: [String] = []
    @Option(
        help: ArgumentHelp(
            "What --from and FROM find under a name: NAME=FOLDER, docker-image://, oci-layout:// or a Git URL.", valueName: "name=place"))
    var buildContext: [String] = []
    @Option(help: ArgumentHelp("The number of this build: a service's image is called SERVICE:build-NUMBER, too.", valueName: "number"))
    var buildNumber: Int?
    @Option(
        help: ArgumentHelp(
            "The version of the service's image, which is called SERVICE:VERSION from now on, and for ever; a Git tag such as v1.4.0 on the commit "
                + "does the same.", valueName: "version"))
    var imageVersion: String?
    @Flag(help: "Send the image to the registries of its names; the same as --output type=registry.") var push = false
    @Flag(help: "Build twice, the second time from nothing and otherwise, and name every file that differs with the instruction that made it.")
    var verify = false
    @Flag(help: "Only look at the Dockerfile: its mistakes, and what Docker's build checks say of it. Ends with 3 when they say something.")
    var check = false

    func validate() throws {
        if check, verify { throw ValidationError("--check builds nothing; --verify builds twice: give one of them.") }
        if let buildNumber, buildNumber < 0 { throw ValidationError("--build-number takes a number from 0 on, not \(buildNumber).") }
        if let imageVersion, !TagPolicy.isVersion(Substring(imageVersion)) {
            throw ValidationError("--image-version takes a semantic version such as 1.4.0, not '\(imageVersion)'.")
        }
        for text in annotation + buildContext where !text.contains("=") || text.hasPrefix("=") {
            throw ValidationError("'\(text)' has no name and value: write NAME=VALUE.")
        }
    }

    func apply(to request: inout BuildRequest, destinations: [String]) throws {
        // Docker writes for which level an annotation is; ours is the manifest's.
        let annotations = annotation.map { $0.hasPrefix("manifest:") ? String($0.dropFirst("manifest:".count)) : $0 }
        request.annotations = NamedValues.read(annotations) { _ in nil }
        if let compression { request.compression = compression.value }
        for text in cacheFrom { request.cacheSources.append(try CacheLocation(source: text)) }
        for text in cacheTo { request.cacheTargets.append(try CacheLocation(target: text)) }
        for (name, place) in NamedValues.read(buildContext, environment: { _ in nil }) {
            request.namedContexts[name] = try NamedContext(text: place)
        }
        for text in destinations { request.outputs.append(try BuildOutput(text: text)) }
        if push { request.outputs.append(.push) }
        request.builderVersion = Version.current
    }
}
