public import IngotModel

/// Where a piece of software comes from. The raw values are OSV's names of ecosystems.
public enum Ecosystem: String, Hashable, Sendable, Codable, CaseIterable {
    case debian = "Debian"
    case alpine = "Alpine"
    case pypi = "PyPI"
    case npm
    case go = "Go"
    case cratesIO = "crates.io"
    case maven = "Maven"
    case rubygems = "RubyGems"
    case nuget = "NuGet"
}

/// One piece of software in an image.
public struct Package: Hashable, Sendable, Codable {
    /// The source package that a distribution built it from: what its advisories are about.
    public struct Source: Hashable, Sendable, Codable {
        public var name: String
        public var version: String

        public init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// Where it lies.
    public struct Location: Hashable, Sendable, Codable {
        /// The layer's diff ID.
        public var layer: Digest
        public var path: String

        /// Whether what says so is a list of what was to be installed, and not what was: a build may have left something out.
        public var isLockFile: Bool { Self.lockFiles.contains(path.split(separator: "/").last.map(String.init) ?? "") }

        private static let lockFiles: Set<String> = [
            "requirements.txt", "poetry.lock", "uv.lock", "Pipfile.lock", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml",
            "Cargo.lock", "Gemfile.lock", "gems.locked",
        ]

        public init(layer: Digest, path: String) {
            self.layer = layer
            self.path = path
        }
    }

    public var ecosystem: Ecosystem
    /// As its ecosystem writes it, normalized: PEP 503 for PyPI, `group:artifact` for Maven.
    public var name: String
    public var version: String
    public var source: Source?
    public var architecture: String?
    /// SPDX expressions, where known.
    public var licenses: [String]
    public var locations: [Location]
    /// A language package whose files a distribution's package owns: the distribution's advisories are about it, not the language's.
    public var isOwnedByDistribution: Bool
    /// Whether nothing but lock files says that it is there.
    public var isFromLockFileOnly: Bool { !locations.isEmpty && locations.allSatisfy(\.isLockFile) }

    public init(
        ecosystem: Ecosystem, name: String, version: String, source: Source? = nil, architecture: String? = nil, licenses: [String] = [],
        locations: [Location] = [], isOwnedByDistribution: Bool = false
    ) {
        self.ecosystem = ecosystem
        self.name = name
        self.version = version
        self.source = source
        self.architecture = architecture
        self.licenses = licenses
        self.locations = locations
        self.isOwnedByDistribution = isOwnedByDistribution
    }
}

/// What system an image is, by its os-release. Source: os-release(5).
public struct Distribution: Hashable, Sendable, Codable {
    public var id: String
    public var versionID: String?
    public var codename: String?
    public var name: String?

    public init(id: String, versionID: String? = nil, codename: String? = nil, name: String? = nil) {
        self.id = id
        self.versionID = versionID
        self.codename = codename
        self.name = name
    }
}
