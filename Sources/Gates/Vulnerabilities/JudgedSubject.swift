internal import IngotModel

/// What advisories are asked about: a source package of a distribution, or a package of a language, in one version.
struct JudgedSubject: Hashable, Sendable {
    var scope: AdvisoryScope
    var name: String
    var version: String
    var packages: [String]
    var locations: [Package.Location]

    /// What advisories are asked by.
    private struct Key: Hashable {
        var scope: AdvisoryScope
        var name: String
        var version: String
    }

    /// Those of which the scope is known, by name. Packages from one source are one subject.
    static func subjects(of bill: BillOfMaterials) -> [JudgedSubject] {
        let release = bill.distribution.flatMap { DistributionRelease($0) }
        var subjects: [Key: JudgedSubject] = [:]
        for package in bill.packages where !package.isOwnedByDistribution {
            guard let scope = scope(of: package.ecosystem, release) else { continue }
            let name = scope.normalized(package.source?.name ?? package.name)
            let version = package.source?.version ?? package.version
            let empty = JudgedSubject(scope: scope, name: name, version: version, packages: [], locations: [])
            subjects[Key(scope: scope, name: name, version: version), default: empty].add(package)
        }
        return subjects.values.sorted { ($0.scope, $0.name, $0.version) < ($1.scope, $1.name, $1.version) }
    }

    private mutating func add(_ package: Package) {
        packages.append(package.name)
        for location in package.locations where !locations.contains(location) { locations.append(location) }
    }

    /// A package manager of one distribution in an image of another says nothing that could be looked up.
    static func scope(of ecosystem: Ecosystem, _ release: DistributionRelease?) -> AdvisoryScope? {
        switch (ecosystem, release?.distribution) {
        case (.debian, "debian"), (.debian, "ubuntu"), (.alpine, "alpine"): release?.scope
        case (.debian, _), (.alpine, _): nil
        default: AdvisoryScope(ecosystem)
        }
    }
}
