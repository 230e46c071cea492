public import IngotModel
import Yams

/// A file that was read: what it says, unless it has errors, and everything that was found in it.
public struct Parsed<Value: Sendable>: Sendable {
    /// `nil` when there is at least one error.
    public let value: Value?
    /// All of them, in the order of the file; warnings too.
    public let diagnostics: [Diagnostic]

    init(_ value: Value?, _ document: Document) {
        self.value = document.hasErrors ? nil : value
        diagnostics = document.sortedDiagnostics
    }
}

/// The file `ingot.yaml`.
public enum Manifest {
    public static let fileName = "ingot.yaml"

    /// Limits, with names so that messages and tests can quote them.
    public enum Limit {
        public static let fileSize = Document.sizeLimit
        public static let tests = 64
        public static let needs = 8
        public static let environments = 32
        public static let instances = 100
        public static let listEntries = 128
        public static let steps = 32
        public static let hooks = 32
        public static let metrics = 32
        public static let requests = 10_000_000
    }

    /// Reads a service's description, with every default filled in.
    ///
    /// Mistakes are collected, not thrown: unknown keys with the nearest known one, wrong types, impossible values,
    /// environments that stand behind each other.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - file: the file's name, for the diagnostics.
    ///   - folder: the absolute path of the file's folder. The daemon runs the commands of hooks and metrics, and it is elsewhere: a
    ///     program such as `./check.sh` becomes an absolute path below it. `nil` leaves them as they are.
    public static func parse(_ text: String, file: String = fileName, folder: String? = nil) -> Parsed<ServiceSpecification> {
        let (document, root) = Document.compose(text, file: file)
        guard let root, !root.isNull else {
            if !document.hasErrors {
                document.error(at: document.beginning, "the file is empty", hint: "`ingot init` writes one with comments")
            }
            return Parsed(nil, document)
        }
        let reader = MappingReader(root, in: document, path: "", known: Grammar.root.names)
        return Parsed(reader.flatMap { service($0, folder: folder) }, document)
    }

    private static func service(_ reader: MappingReader, folder: String?) -> ServiceSpecification? {
        let name = reader.required("service", .identifier as ValueForm<ServiceName>, hint: "add 'service:' with the service's name")
        let image = image(reader.section("image", known: Grammar.image.names))
        let tests = TestsReader(reader).tests()
        let gates = gates(reader.section("gates", known: Grammar.gates.names))
        let run = RunReader(reader).settings()
        let environments = EnvironmentsReader(reader, service: name, run: run, folder: folder).environments()
        guard let name, let run, !environments.isEmpty else { return nil }
        return ServiceSpecification(service: name, image: image, tests: tests, gates: gates, run: run, environments: environments)
    }

    private static func image(_ reader: MappingReader) -> ImageSource {
        ImageSource(
            dockerfile: reader.value("dockerfile", .relativePath) ?? Defaults.dockerfile.value,
            context: reader.value("context", .relativePath) ?? Defaults.context.value,
            target: reader.value("target", .text))
    }

    // MARK: Gates

    private static func gates(_ reader: MappingReader) -> GatePolicy {
        let size = reader.section("size", known: Grammar.size.names)
        vulnerabilities(reader)
        return GatePolicy(largestSize: size.value("fail-at", .size(1...(.gibibytes(1_024)))))
    }

    private static func vulnerabilities(_ reader: MappingReader) {
        guard reader.has("vulnerabilities") else { return }
        let section = reader.section("vulnerabilities", known: Grammar.vulnerabilities.names)
        _ = section.value("fail-at", .word(["low", "medium", "high", "critical"]))
        _ = section.value("unfixed", .word(["ignore", "count"]))
        let exceptions = section.node("exceptions").flatMap {
            reader.document.items(of: $0, section.path("exceptions"), limit: Limit.listEntries)
        }
        for item in exceptions ?? [] {
            let path = section.path("exceptions[]")
            guard let entry = MappingReader(item, in: reader.document, path: path, known: Grammar.exception.names) else { continue }
            _ = entry.required("id", .text)
            _ = entry.required("until", .date)
            _ = entry.required("reason", .text)
        }
        reader.document.warning(
            at: reader.location("vulnerabilities"), "'gates.vulnerabilities' is not enforced by this version",
            hint: "images are not scanned yet")
    }
}
