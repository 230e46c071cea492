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
        public static let tests = SettingLimits.tests
        public static let needs = SettingLimits.needs
        public static let environments = SettingLimits.environments
        public static let instances = 100
        public static let listEntries = SettingLimits.listEntries
        /// Without the last one, which is added where it is not written.
        public static let steps = SettingLimits.steps - 1
        public static let hooks = SettingLimits.hooks
        public static let metrics = SettingLimits.metrics
        public static let requests = SettingLimits.requests.upperBound
        public static let approvers = SettingLimits.approvers.upperBound
        public static let keys = SettingLimits.keys.upperBound
        public static let signatureRules = SettingLimits.signatureRules
        public static let freezes = SettingLimits.freezes
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
    ///   - findKey: finds the public keys that are named; without it they are trusted in nothing.
    public static func parse(
        _ text: String, file: String = fileName, folder: String? = nil, findKey: KeyFinder? = nil
    ) -> Parsed<ServiceSpecification> {
        let (document, root) = Document.compose(text, file: file)
        guard let root, !root.isNull else {
            if !document.hasErrors {
                document.error(at: document.beginning, "the file is empty", hint: "`ingot init` writes one with comments")
            }
            return Parsed(nil, document)
        }
        let reader = MappingReader(root, in: document, path: "", known: Grammar.root.names)
        return Parsed(reader.flatMap { service($0, folder: folder, findKey: findKey) }, document)
    }

    private static func service(_ reader: MappingReader, folder: String?, findKey: KeyFinder?) -> ServiceSpecification? {
        let name = reader.required("service", .identifier as ValueForm<ServiceName>, hint: "add 'service:' with the service's name")
        let image = image(reader.section("image", known: Grammar.image.names))
        let tests = TestsReader(reader).tests()
        let gates = GatesReader(reader.section("gates", known: Grammar.gates.names)).policy()
        _ = ignoredRules(reader)
        let run = RunReader(reader).settings()
        let environments = EnvironmentsReader(reader, service: name, run: run, folder: folder, findKey: findKey).environments()
        guard let name, let run, !environments.isEmpty else { return nil }
        return ServiceSpecification(service: name, image: image, tests: tests, gates: gates, run: run, environments: environments)
    }

    private static func image(_ reader: MappingReader) -> ImageSource {
        ImageSource(
            dockerfile: reader.value("dockerfile", .relativePath) ?? Defaults.dockerfile.value,
            context: reader.value("context", .relativePath) ?? Defaults.context.value,
            target: reader.value("target", .text))
    }
}
