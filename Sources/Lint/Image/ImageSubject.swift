public import Gates
public import ImageStore
public import IngotModel

/// An image, and what is known about it.
public struct ImageSubject: Sendable {
    public var image: Image
    public var contents: ImageContents
    public var bill: BillOfMaterials
    public var secrets: SecretReport
    public var now: Timestamp
    /// What it stands on; `nil` when its manifest does not say.
    public var base: BaseState?
    /// The names of the service's environments.
    public var environments: Set<String> = []
    /// The tests that `ingot.yaml` asks for; `nil` when it was not looked at.
    public var requiredTests: [String]?
    /// What is on record about it; `nil` when nobody was asked.
    public var evidence: ImageEvidence?
    /// Whether `ingot.yaml` lets the image's user be root.
    public var allowsRoot = false
    /// Whether `ingot.yaml` gives a readiness path; `nil` when it was not looked at.
    public var hasReadiness: Bool?
    /// What could not be found out, in sentences.
    public var unknowns: [String] = []

    public init(_ image: Image, contents: ImageContents, bill: BillOfMaterials, secrets: SecretReport, now: Timestamp, base: BaseState? = nil) {
        self.image = image
        self.contents = contents
        self.bill = bill
        self.secrets = secrets
        self.now = now
        self.base = base
    }

    /// Takes over what `ingot.yaml` says of the image, also who answers for which of the secrets that were found.
    public mutating func apply(_ specification: ServiceSpecification) {
        environments = Set(specification.environments.map(\.name.name))
        allowsRoot = specification.run.allowsRoot
        hasReadiness = specification.run.readiness.path != nil
        secrets = secrets.judged(by: specification.gates.secretExceptions, at: now)
    }

    /// Everything that the rules say of it.
    public func findings() -> [LintFinding] { ImageRules.all.flatMap { $0.findings(self) } }

    var settings: ImageConfiguration.Settings { image.configuration.config }

    func hit(_ message: String, layer: Digest? = nil, path: String? = nil, fix: String? = nil) -> LintHit {
        LintHit(message, at: .image(image.digest, layer: layer, path: path), fix: fix)
    }

    func notable(_ kind: NotableFile.Kind) -> [NotableFile] { contents.notable.filter { $0.kind == kind } }
}

/// What an image stands on, and what its name means today.
public struct BaseState: Sendable {
    public var name: String
    public var digest: Digest
    /// When the base was made; `nil` when it is not in the store.
    public var created: Timestamp?
    /// The image that has the base's name now, when it is another one.
    public var newer: Digest?
    /// Packages that are newer there.
    public var updates: [PackageUpdate]

    public init(name: String, digest: Digest, created: Timestamp? = nil, newer: Digest? = nil, updates: [PackageUpdate] = []) {
        self.name = name
        self.digest = digest
        self.created = created
        self.newer = newer
        self.updates = updates
    }
}

/// A package that a newer base has in a newer version.
public struct PackageUpdate: Hashable, Sendable, Codable {
    public var name: String
    public var installed: String
    public var available: String

    /// Packages of `image` that `base` has in a version that is newer by the order of their ecosystem. Pure.
    public static func between(_ image: BillOfMaterials, _ base: BillOfMaterials) -> [PackageUpdate] {
        var available: [String: Package] = [:]
        for package in base.packages { available["\(package.ecosystem.rawValue)/\(package.name)/\(package.architecture ?? "")"] = package }
        return image.packages.compactMap { package in
            let key = "\(package.ecosystem.rawValue)/\(package.name)/\(package.architecture ?? "")"
            guard let newer = available[key], let order = package.ecosystem.order else { return nil }
            guard order.version(package.version).compared(to: order.version(newer.version)) == .older else { return nil }
            return PackageUpdate(name: package.name, installed: package.version, available: newer.version)
        }
    }
}

extension Ecosystem {
    fileprivate var order: VersionOrder? {
        switch self {
        case .debian: .dpkg
        case .alpine: .apk
        case .pypi, .npm, .go, .cratesIO, .maven, .rubygems, .nuget: AdvisoryScope(self)?.order
        }
    }
}
