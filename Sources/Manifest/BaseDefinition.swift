public import IngotModel
import Yams

/// A file such as `bases/python.yaml`, which describes a base image.
public enum BaseDefinition {
    static let keys = [
        "name", "suite", "architecture", "packages", "mirror", "snapshot", "package-manager", "user", "entrypoint", "command",
        "environment", "labels",
    ]

    /// Reads a base image's description. Mistakes are collected, as in `Manifest.parse`.
    public static func parse(_ text: String, file: String) -> Parsed<BaseImageSpecification> {
        let (document, root) = Document.compose(text, file: file)
        guard let root, !root.isNull else {
            if !document.hasErrors {
                document.error(at: document.beginning, "the file is empty", hint: "write 'name:', 'suite:' and 'packages:'")
            }
            return Parsed(nil, document)
        }
        let reader = MappingReader(root, in: document, path: "", known: keys)
        return Parsed(reader.flatMap(specification), document)
    }

    private static func specification(_ reader: MappingReader) -> BaseImageSpecification? {
        let name = reader.required("name", .imageName)
        let suite = reader.required("suite", .suite)
        let packages = reader.list("packages", .package, limit: 1_000)
        if packages == nil, !reader.has("packages") {
            reader.reportMissing("packages", hint: "add 'packages:' with a list, '[]' for none beyond what the suite needs")
        }
        let mirror = reader.value("mirror", .archive)
        let snapshot = reader.value("snapshot", .moment)
        if mirror != nil, snapshot != nil {
            reader.document.error(
                at: reader.location("snapshot"), "'mirror' and 'snapshot' exclude each other",
                hint: "a snapshot is read from snapshot.debian.org")
        }
        guard let name, let suite, let packages else { return nil }
        return BaseImageSpecification(
            name: name, suite: suite, architecture: reader.value("architecture", .word(["amd64", "arm64"])), packages: packages,
            mirror: mirror, snapshot: snapshot,
            keepsPackageManager: reader.value("package-manager", .word(["keep", "remove"])) == "keep",
            user: reader.value("user", .user), entrypoint: texts(reader, "entrypoint"), command: texts(reader, "command"),
            environment: pairs(reader, "environment", .variableName), labels: pairs(reader, "labels", .text))
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

extension ValueForm where Value == String {
    static func matching(_ expectation: String, longest: Int = 255, _ allowed: @escaping (Character) -> Bool) -> ValueForm {
        ValueForm(expectation: expectation) { text in
            !text.isEmpty && text.utf8.count <= longest && text.allSatisfy { $0.isASCII && allowed($0) } ? text : nil
        }
    }

    static var imageName: ValueForm {
        matching("an image's name in lower case, such as python:3.11-bookworm") { $0.isLowercase || $0.isNumber || ".-_/:".contains($0) }
    }

    static var suite: ValueForm {
        matching("a release of Debian, such as bookworm") { $0.isLowercase || $0.isNumber || "-.".contains($0) }
    }

    /// Source: Debian Policy, sections 5.6.1 and 5.6.12, with apt's `name=version`, `name:architecture` and `name/suite`.
    static var package: ValueForm {
        let form = matching("a package's name, such as python3 or python3=3.11.2-1+b1") {
            $0.isLetter || $0.isNumber || "+-.:=~/".contains($0)
        }
        return ValueForm(expectation: form.expectation) { text in
            text.first.map { $0.isLetter || $0.isNumber } == true ? form.read(text) : nil
        }
    }

    static var archive: ValueForm {
        ValueForm(expectation: "the URL of an archive, beginning with http://, https:// or file:///") { text in
            let isURL = ["http://", "https://", "file:///"].contains { text.hasPrefix($0) && text.count > $0.count }
            return isURL && !text.contains(" ") ? Self.text.read(text) : nil
        }
    }

    static var moment: ValueForm {
        ValueForm(expectation: "a moment such as 20261101T000000Z") { text in
            let shape = text.map { $0.isASCII && $0.isNumber ? "0" : String($0) }.joined()
            return shape == "00000000T000000Z" ? text : nil
        }
    }

    static var user: ValueForm {
        matching("a user, or user:group, by name or number") { $0.isLetter || $0.isNumber || "_-:.".contains($0) }
    }
}
