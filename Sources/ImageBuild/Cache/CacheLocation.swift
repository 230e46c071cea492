public import SystemPackage

/// Where results of builds are taken from, or left for other machines, spelled as Docker's `--cache-from` and
/// `--cache-to`: `type=local,src=DIR` and `type=local,dest=DIR[,mode=max]`; `type=registry,ref=NAME[,mode=max]`, or `NAME` alone.
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

    public enum Place: Hashable, Sendable, CustomStringConvertible {
        case folder(FilePath)
        /// The name of an image in a registry.
        case registry(String)

        public var description: String {
            switch self {
            case .folder(let folder): "\(folder)"
            case .registry(let name): name
            }
        }
    }

    public var place: Place
    /// What is exported. Of no meaning for a source.
    public var extent: Extent

    public init(_ place: Place, extent: Extent = .min) {
        self.place = place
        self.extent = extent
    }

    public init(folder: FilePath, extent: Extent = .min) { self.init(.folder(folder), extent: extent) }

    /// Reads what stands behind `--cache-from`.
    public init(source text: String) throws(BuildError) {
        let options = try FlagOptions(Self.typed(text), flag: "--cache-from", known: ["type", "src", "ref"])
        self.init(try Self.place(options, folder: "src"))
    }

    /// Reads what stands behind `--cache-to`.
    public init(target text: String) throws(BuildError) {
        let options = try FlagOptions(Self.typed(text), flag: "--cache-to", known: ["type", "dest", "mode", "ref"])
        let place = try Self.place(options, folder: "dest")
        guard let extent = Extent(rawValue: options["mode"] ?? "min") else { throw options.mistake("mode is min or max") }
        self.init(place, extent: extent)
    }

    /// A bare word is the name of an image in a registry, as Docker has it.
    private static func typed(_ text: String) -> String { text.contains("=") ? text : "type=registry,ref=\(text)" }

    private static func place(_ options: FlagOptions, folder: String) throws(BuildError) -> Place {
        let type = try options.required("type")
        if type == "local" { return .folder(FilePath(try options.required(folder))) }
        if type == "registry" { return .registry(try options.required("ref")) }
        let isKnown = ["inline", "gha", "s3", "azblob"].contains(type)
        let what = isKnown ? "a cache of the type '\(type)' is not supported" : "there is no type '\(type.prefix(40))'"
        throw BuildError(
            "cache-unsupported", "\(options.flag): \(what)",
            remedy: "use a registry, type=registry; or a folder, type=local, and keep it as your build service keeps folders")
    }
}
