public import ImageStore
public import IngotModel
public import SystemPackage

/// Where a finished image goes besides the store, spelled as Docker's `--output`.
///
///     DIR, type=local,dest=DIR             its files
///     -, type=tar,dest=FILE                its files as one archive; `-` is standard output
///     type=oci,dest=FILE[,tar=false]       the image, for skopeo and podman; with tar=false a folder
///     type=docker,dest=FILE                the image, for docker load and podman load
///     type=image,name=NAME[,push=true]     another name in the store, and in a registry
///     type=registry[,name=NAME]            the same with push=true; to the build's own names when none is given
public struct BuildOutput: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case files(FilePath)
        case rootArchive(ArchiveTarget)
        case layout(FilePath)
        case archive(ImageArchiveFormat, ArchiveTarget)
        case store
    }

    public var kind: Kind
    /// Names for the image there, besides the request's tags.
    public var names: [String]
    /// Of the layers there; as the build has them when `nil`.
    public var compression: LayerCompression?
    /// Whether it goes to the registries of its names, or of the request's where it has none.
    public var isPushed = false

    public init(_ kind: Kind, names: [String] = [], compression: LayerCompression? = nil) {
        self.kind = kind
        self.names = names
        self.compression = compression
    }

    private static let known: Set = ["type", "dest", "name", "tar", "push", "compression", "oci-mediatypes"]

    /// - Throws: `BuildError` for what cannot be read, and for outputs that there are not, with what to do instead.
    public init(text: String) throws(BuildError) {
        guard !text.isEmpty else { throw BuildError("invalid-option", "--output is empty", remedy: "name a folder, or write type=oci,dest=FILE") }
        guard text.contains("=") else {
            self.init(text == "-" ? .rootArchive(.standardOutput) : .files(FilePath(text)))
            return
        }
        let options = try FlagOptions(text, flag: "--output", known: Self.known)
        self.init(
            try Self.kind(options), names: options["name"].map { $0.split(separator: ",").map(String.init) } ?? [],
            compression: try options["compression"].map { text throws(BuildError) in try LayerCompression(text: text, options) })
        isPushed = try Self.isPushed(options)
    }

    /// `--push`
    public static let push: BuildOutput = {
        var output = BuildOutput(.store)
        output.isPushed = true
        return output
    }()

    private static func isPushed(_ options: FlagOptions) throws(BuildError) -> Bool {
        let isAsked = try options.boolean("push")
        switch options["type"] {
        case "registry": return isAsked ?? true
        case "image": return isAsked ?? false
        default:
            guard isAsked != true else { throw options.mistake("push=true is for type=image and type=registry") }
            return false
        }
    }

    private static func kind(_ options: FlagOptions) throws(BuildError) -> Kind {
        let type = try options.required("type")
        switch type {
        case "local": return .files(FilePath(try options.required("dest")))
        case "tar": return .rootArchive(try target(options))
        case "oci":
            guard try options.boolean("tar") ?? true else { return .layout(FilePath(try options.required("dest"))) }
            return .archive(.oci, try target(options))
        case "docker":
            guard options["dest"] != nil else {
                throw options.mistake("nothing is loaded into Docker", remedy: "type=docker,dest=FILE, then: docker load -i FILE")
            }
            return .archive(.docker, try target(options))
        case "image":
            if try options.boolean("push") != true { _ = try options.required("name") }
            return .store
        case "registry": return .store
        default: throw options.mistake("there is no type '\(type.prefix(40))'", remedy: "the types are local, tar, oci, docker, image and registry")
        }
    }

    private static func target(_ options: FlagOptions) throws(BuildError) -> ArchiveTarget {
        let path = try options.required("dest")
        return path == "-" ? .standardOutput : .file(FilePath(path))
    }
}

extension BuildOutput {
    /// Writes the image there. A file appears whole or not at all.
    ///
    /// - Parameter tags: the request's own names.
    /// - Returns: the digest that the image has there; `nil` where it is files and no image.
    @discardableResult
    public func write(_ image: Digest, tags: [String], of store: ImageStore) throws -> Digest? {
        let names = self.names + tags.filter { !self.names.contains($0) }
        switch kind {
        case .files(let folder):
            try store.exportFiles(image, to: folder)
            return nil
        case .rootArchive(let target):
            try store.exportRootArchive(image, to: target)
            return nil
        case .layout(let folder):
            return try store.exportOCI(image, to: folder, tag: names.first ?? "latest", compression: compression)
        case .archive(let format, let target):
            // Docker before 23.0 reads nothing but gzip.
            let usual: LayerCompression? = format == .docker ? .gzip : nil
            return try store.exportArchive(image, as: format, to: target, names: names, compression: compression ?? usual)
        case .store:
            for name in self.names { try store.give(name, to: image) }
            return image
        }
    }
}

extension LayerCompression {
    /// As `--compression` has it. `estargz` and uncompressed layers are not written.
    public init(text: String) throws(BuildError) {
        guard let value = LayerCompression(rawValue: text) else {
            throw BuildError("invalid-option", "'\(text.prefix(40))' is no compression of layers", remedy: "the compressions are gzip and zstd")
        }
        self = value
    }

    init(text: String, _ options: FlagOptions) throws(BuildError) {
        guard let value = LayerCompression(rawValue: text) else {
            throw options.mistake("'\(text.prefix(40))' is no compression of layers", remedy: "the compressions are gzip and zstd")
        }
        self = value
    }
}
