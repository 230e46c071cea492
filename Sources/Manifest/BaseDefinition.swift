public import IngotModel
import Yams

/// A file such as `bases/python.yaml`, which describes a base image.
public enum BaseDefinition {
    static let keys = [
        "name", "distribution", "release", "suite", "architecture", "variant", "packages", "mirror", "snapshot", "package-manager", "shell",
        "users", "files", "user", "entrypoint", "command", "environment", "labels",
    ]

    /// Reads a base image's description. Mistakes are collected, as in `Manifest.parse`.
    public static func parse(_ text: String, file: String) -> Parsed<BaseImageSpecification> {
        let (document, root) = Document.compose(text, file: file)
        guard let root, !root.isNull else {
            if !document.hasErrors {
                document.error(at: document.beginning, "the file is empty", hint: "write 'name:', 'release:' and 'packages:'")
            }
            return Parsed(nil, document)
        }
        let reader = MappingReader(root, in: document, path: "", known: keys)
        return Parsed(reader.flatMap(specification), document)
    }

    private static func specification(_ reader: MappingReader) -> BaseImageSpecification? {
        let name = reader.required("name", .imageName)
        let suite = release(reader)
        let packages = reader.list("packages", .package, limit: 1_000)
        if packages == nil, !reader.has("packages") {
            reader.reportMissing("packages", hint: "add 'packages:' with a list, '[]' for none beyond what the release needs")
        }
        let (users, files) = (BaseContents.users(reader), BaseContents.files(reader))
        guard let name, let suite, let packages else { return nil }
        var specification = BaseImageSpecification(
            name: name, suite: suite, architecture: reader.value("architecture", .word(["amd64", "arm64"])), packages: packages,
            user: reader.value("user", .user), entrypoint: texts(reader, "entrypoint"), command: texts(reader, "command"),
            environment: pairs(reader, "environment", .variableName), labels: pairs(reader, "labels", .text))
        specification.distribution = choice(reader, "distribution") ?? .debian
        specification.users = users
        specification.files = files
        readVariant(reader, &specification)
        readArchive(reader, &specification)
        return specification
    }

    /// `suite` is the older word for it.
    private static func release(_ reader: MappingReader) -> String? {
        guard reader.has("suite") else { return reader.required("release", .suite) }
        if reader.has("release") {
            reader.document.error(at: reader.location("suite"), "'release' and 'suite' mean the same", hint: "leave 'suite' out")
        }
        return reader.value("suite", .suite)
    }

    private static func readVariant(_ reader: MappingReader, _ specification: inout BaseImageSpecification) {
        specification.variant = choice(reader, "variant") ?? .standard
        specification.keepsPackageManager = reader.value("package-manager", .word(["keep", "remove"])) == "keep"
        specification.keepsShell = reader.value("shell", .word(["keep", "remove"])) == "keep"
        let isDistroless = specification.variant == .distroless
        if isDistroless, specification.keepsPackageManager {
            reader.document.error(
                at: reader.location("package-manager"), "a distroless image has no package manager", hint: "choose the variant 'standard'")
        }
        if !isDistroless, reader.has("shell"), !specification.keepsShell {
            reader.document.error(
                at: reader.location("shell"), "the variant 'standard' has a shell, which its packages need", hint: "choose 'distroless'")
        }
    }

    private static func readArchive(_ reader: MappingReader, _ specification: inout BaseImageSpecification) {
        specification.mirror = reader.value("mirror", .archive)
        specification.snapshot = reader.value("snapshot", .moment)
        guard specification.snapshot != nil else { return }
        if specification.mirror != nil {
            reader.document.error(
                at: reader.location("snapshot"), "'mirror' and 'snapshot' exclude each other",
                hint: "a snapshot is read from snapshot.debian.org")
        }
        if specification.distribution != .debian {
            reader.document.error(at: reader.location("snapshot"), "there are snapshots of Debian only", hint: "name a 'mirror'")
        }
    }

    private static func choice<Value: RawRepresentable<String> & CaseIterable>(_ reader: MappingReader, _ key: String) -> Value? {
        reader.value(key, .word(Value.allCases.map(\.rawValue))).flatMap(Value.init)
    }

    private static func texts(_ reader: MappingReader, _ key: String) -> [String] {
        guard let node = reader.node(key), let items = reader.document.items(of: node, key, limit: Manifest.Limit.listEntries) else { return [] }
        return items.compactMap { reader.document.value(of: $0, key, .anyText) }
    }

    private static func pairs(_ reader: MappingReader, _ key: String, _ name: ValueForm<String>) -> [String: String] {
        guard let node = reader.node(key), let section = MappingReader(node, in: reader.document, path: key, known: nil) else { return [:] }
        var pairs: [String: String] = [:]
        for entry in section.entries.prefix(Manifest.Limit.listEntries) {
            guard reader.document.value(of: entry.key, key, name) != nil else { continue }
            pairs[entry.name] = section.value(entry.name, .anyText)
        }
        return pairs
    }
}
