public import SystemPackage

/// Where results of builds are taken from, or left for other machines, spelled as Docker's `--cache-from` and
/// `--cache-to`: `type=local,src=DIR` and `type=local,dest=DIR[,mode=max]`.
///
/// Whoever can write to a place that results are taken from decides what is in the image: the content is checked to be
/// what it says, but that a step made it is the source's word. So results that were taken count for the build that
/// names the source, and for no other.
public struct CacheLocation: Hashable, Sendable {
    public enum Extent: String, Hashable, Sendable, Codable {
        /// Steps whose layers are in the image.
        case min
        /// All steps of the build, of other stages too.
        case max
    }

    public var folder: FilePath
    /// What is exported. Of no meaning for a source.
    public var extent: Extent

    public init(folder: FilePath, extent: Extent = .min) {
        self.folder = folder
        self.extent = extent
    }

    /// Reads what stands behind `--cache-from`.
    public init(source text: String) throws(BuildError) {
        let options = try FlagOptions(Self.typed(text), flag: "--cache-from", known: ["type", "src", "ref"])
        try Self.checkType(options)
        self.init(folder: FilePath(try options.required("src")))
    }

    /// Reads what stands behind `--cache-to`.
    public init(target text: String) throws(BuildError) {
        let options = try FlagOptions(Self.typed(text), flag: "--cache-to", known: ["type", "dest", "mode", "ref"])
        try Self.checkType(options)
        guard let extent = Extent(rawValue: options["mode"] ?? "min") else { throw options.mistake("mode is min or max") }
        self.init(folder: FilePath(try options.required("dest")), extent: extent)
    }

    /// A bare word is the name of an image in a registry, as Docker has it.
    private static func typed(_ text: String) -> String { text.contains("=") ? text : "type=registry,ref=\(text)" }

    private static func checkType(_ options: FlagOptions) throws(BuildError) {
        let type = try options.required("type")
        guard type != "local" else { return }
        let isKnown = ["registry", "inline", "gha", "s3", "azblob"].contains(type)
        throw BuildError(
            "cache-unsupported", "\(options.flag): \(isKnown ? "a cache of the type '\(type)' is not supported" : "there is no type '\(type.prefix(40))'")",
            remedy: "use a folder, type=local, and keep it as your build service keeps folders; or skopeo copy it to a registry")
    }
}
