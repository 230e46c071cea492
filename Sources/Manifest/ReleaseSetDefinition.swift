public import IngotModel
import Yams

/// A file such as `release-set.yaml`, which says which services move together and in which order.
public enum ReleaseSetDefinition {
    public static let fileName = "release-set.yaml"

    static let root = Section(
        path: "",
        keys: [
            Key("set", "name", "**Required.** What the change is called: 1 to 40 of `a-z`, `0-9` and `-`."),
            Key("deadline", "duration", "How long it may take until every member has succeeded; then the set goes back."),
            Key("releases", "list", "**Required.** The members."),
        ])
    static let member = Section(
        path: "releases[]",
        keys: [
            Key("service", "name", "**Required.** A service that the daemon knows."),
            Key("image", "reference", "**Required.** What `ingot deploy` takes: a digest, a tag, a commit, or `release:7`."),
            Key("after", "list", "The members that must have succeeded before this one begins."),
        ])

    /// Which environments each service has, and which one is meant.
    public struct Services: Sendable {
        public var environments: [ServiceName: [EnvironmentName]]
        public var environment: EnvironmentName
        public init(environments: [ServiceName: [EnvironmentName]], environment: EnvironmentName) {
            self.environments = environments
            self.environment = environment
        }
    }

    /// Reads a release set's description. Mistakes are collected, as in `Manifest.parse`.
    ///
    /// - Parameter services: what the daemon knows, to hold the members against; `nil` where nobody was asked.
    public static func parse(_ text: String, file: String = fileName, services: Services? = nil) -> Parsed<ReleaseSetSpecification> {
        let (document, root) = Document.compose(text, file: file)
        guard let root, !root.isNull else {
            if !document.hasErrors { document.error(at: document.beginning, "the file is empty", hint: "write 'set:' and 'releases:'") }
            return Parsed(nil, document)
        }
        let reader = MappingReader(root, in: document, path: "", known: Self.root.names)
        return Parsed(reader.flatMap { ReleaseSetReader($0, services: services).specification() }, document)
    }
}

/// Reads the one mapping of the file.
private struct ReleaseSetReader {
    /// A member with the places of what it says, for mistakes that show only beside the others.
    private struct Entry {
        var member: ReleaseSetSpecification.Member
        var location: SourceLocation
        var afterLocations: [SourceLocation]
    }

    private let reader: MappingReader
    private let services: ReleaseSetDefinition.Services?
    private var document: Document { reader.document }

    init(_ reader: MappingReader, services: ReleaseSetDefinition.Services?) {
        self.reader = reader
        self.services = services
    }

    func specification() -> ReleaseSetSpecification? {
        let name = reader.required("set", .identifier as ValueForm<ReleaseSetName>, hint: "add 'set:' with a name for the change")
        let deadline = reader.value("deadline", .duration(ReleaseSetSpecification.deadlines)) ?? Defaults.releaseSetDeadline.value
        let members = entries()
        guard let name else { return nil }
        return ReleaseSetSpecification(name: name, deadline: deadline, members: members.map(\.member))
    }

    private func entries() -> [Entry] {
        guard reader.has("releases") else {
            reader.reportMissing("releases", hint: "add 'releases:' with a list of services and images")
            return []
        }
        let limit = ReleaseSetSpecification.mostMembers
        guard let node = reader.node("releases"), let items = document.items(of: node, "releases", limit: limit) else { return [] }
        guard !items.isEmpty else {
            document.error(at: reader.location("releases"), "'releases' has no members")
            return []
        }
        let entries = items.compactMap(entry)
        // What could not be read may be what another one names.
        checkTwice(entries)
        if entries.count == items.count { checkOrder(entries) }
        return entries
    }

    private func entry(_ node: Node) -> Entry? {
        guard let entry = MappingReader(node, in: document, path: "releases[]", known: ReleaseSetDefinition.member.names) else { return nil }
        let service = entry.required("service", .identifier as ValueForm<ServiceName>)
        let image = entry.required("image", .text, hint: "add 'image:' with a digest, a tag or a commit")
        let after = entry.list("after", .identifier as ValueForm<ServiceName>, limit: ReleaseSetSpecification.mostMembers) ?? []
        if let service { checkKnown(service, at: valueLocation(entry, "service")) }
        guard let service, let image else { return nil }
        // Only where each item became a value are the places those of the values.
        let items = entry.entry("after")?.value.sequence.map(Array.init) ?? []
        let locations = items.count == after.count ? items.map(document.location) : after.map { _ in entry.location("after") }
        return Entry(
            member: ReleaseSetSpecification.Member(service: service, reference: image, after: after), location: valueLocation(entry, "service"),
            afterLocations: locations)
    }

    private func valueLocation(_ entry: MappingReader, _ key: String) -> SourceLocation {
        entry.entry(key).map { document.location($0.value) } ?? entry.location
    }

    private func checkKnown(_ service: ServiceName, at location: SourceLocation) {
        guard let services else { return }
        guard let environments = services.environments[service] else {
            let known = services.environments.keys.map(\.name).sorted()
            let hint = known.isEmpty ? "the daemon knows none yet: run `ingot up` in its folder" : NearestWord.hint(for: service.name, among: known)
            return document.error(at: location, "no service is called '\(service)'", hint: hint)
        }
        guard !environments.contains(services.environment) else { return }
        document.error(
            at: location, "service '\(service)' has no environment '\(services.environment)'",
            hint: "it has \(environments.map(\.name).joined(separator: ", "))")
    }

    private func checkTwice(_ entries: [Entry]) {
        var names: Set<ServiceName> = []
        for entry in entries where !names.insert(entry.member.service).inserted {
            document.error(at: entry.location, "'\(entry.member.service)' stands in the set twice")
        }
    }

    private func checkOrder(_ entries: [Entry]) {
        let names = Set(entries.map(\.member.service))
        for entry in entries {
            for (other, location) in zip(entry.member.after, entry.afterLocations) where !names.contains(other) {
                document.error(
                    at: location, "'\(entry.member.service)' waits for '\(other)', which is not in the set",
                    hint: NearestWord.hint(for: other.name, among: names.map(\.name).sorted()))
            }
        }
        for cycle in ReleaseOrder(entries.map { ($0.member.service, $0.member.after) }).cycles {
            let location = entries.first { $0.member.service == cycle.first }?.location ?? reader.location("releases")
            document.error(at: location, ReleaseSetSpecification.words(cycle), hint: "take one 'after' out")
        }
    }
}
