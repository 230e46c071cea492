import ImageStore
public import IngotModel

/// What a rebuild of a base image would change.
public struct BaseChanges: Hashable, Sendable, Codable {
    public struct Package: Hashable, Sendable, Codable {
        public var name: String
        /// `nil` for one that comes anew.
        public var old: String?
        /// `nil` for one that goes.
        public var new: String?
    }

    public var name: String
    /// The image that has the name now; `nil` when it was never built.
    public var image: Digest?
    /// Of the archive that it was built from.
    public var archiveDate: Timestamp?
    /// Whether the definition means something else than the one that it was built from.
    public var definitionChanged: Bool
    /// Whether what the packages need to run is left out: what of it a distroless image keeps is known only when it is built.
    public var isPartial: Bool
    /// By name.
    public var packages: [Package]

    public var isEmpty: Bool { image != nil && !definitionChanged && packages.isEmpty }

    /// - Parameters:
    ///   - image: the one that has the name now.
    ///   - candidates: what apt would install now, by name.
    init(_ specification: BaseImageSpecification, image: Image?, candidates: [String: String]) throws {
        let provenance = image.flatMap(BaseProvenance.init)
        name = specification.name
        self.image = image?.digest
        archiveDate = provenance?.archiveDate
        let definition = try BaseProvenance.digest(of: specification)
        definitionChanged = image != nil && provenance?.definition != definition
        isPartial = specification.variant == .distroless && provenance == nil
        packages = Self.packages(from: provenance?.packages ?? [:], to: candidates, specification)
    }

    /// A distroless image has not all that is installed on the way to it: of what is new in that, only what is asked for counts.
    private static func packages(from old: [String: String], to new: [String: String], _ specification: BaseImageSpecification) -> [Package] {
        let requested = Set(specification.packages.map(PackageClosure.name))
        let counts = { (name: String) in specification.variant == .standard || old[name] != nil || requested.contains(name) }
        return Set(old.keys).union(new.keys.filter(counts)).sorted().filter { old[$0] != new[$0] }.map {
            Package(name: $0, old: old[$0], new: new[$0])
        }
    }

    /// Why it should be rebuilt; `nil` when it should not.
    ///
    /// - Parameter oldest: how old the archive may be that it was built from. A snapshot does not age: it was chosen.
    public func staleness(_ specification: BaseImageSpecification, oldest: Milliseconds?, now: Timestamp) -> Staleness? {
        if image == nil { return .neverBuilt }
        if definitionChanged { return .definitionChanged }
        if !packages.isEmpty { return .packagesChanged }
        guard let oldest, specification.snapshot == nil else { return nil }
        guard let archiveDate else { return .tooOld }
        return now - archiveDate > oldest ? .tooOld : nil
    }

    public enum Staleness: String, Hashable, Sendable, Codable {
        case neverBuilt = "never-built"
        case definitionChanged = "definition-changed"
        case packagesChanged = "packages-changed"
        case tooOld = "too-old"
    }
}

/// What apt says that it would install.
enum AptSimulation {
    /// `Inst libc6 [2.36-8] (2.36-9 Debian:12/stable [amd64])`. Source: apt-get(8), `--simulate`.
    static func candidates(_ lines: [String]) -> [String: String] {
        var versions: [String: String] = [:]
        for line in lines where line.hasPrefix("Inst ") {
            let words = line.split(separator: " ").dropFirst()
            guard let name = words.first, let version = words.first(where: { $0.hasPrefix("(") })?.dropFirst() else { continue }
            versions[String(name)] = String(version)
        }
        return versions
    }
}
