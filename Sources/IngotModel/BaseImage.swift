/// A Debian base image as a file such as `bases/python.yaml` describes it: a list of packages, and how
/// the image is used.
public struct BaseImageSpecification: Hashable, Sendable, Codable {
    /// The local name under which the image is tagged: `python:3.11-bookworm`.
    public var name: String
    /// The release of the distribution: `bookworm`.
    public var suite: String
    /// As dpkg names it: `amd64`, `arm64`; this machine's when `nil`.
    public var architecture: String?
    /// Names of packages; each may carry a version: `python3=3.11.2-1+b1`.
    public var packages: [String]
    /// The archive's URL; the sources of this machine's apt when `nil`.
    public var mirror: String?
    /// A moment of snapshot.debian.org, `20261101T000000Z`: the archive as it was then. Not together with `mirror`.
    public var snapshot: String?
    /// Whether the package manager stays in the image, for Dockerfiles that say `apt-get install`.
    public var keepsPackageManager: Bool
    /// `user` or `user:group`, a name or a number; root when `nil`.
    public var user: String?
    public var entrypoint: [String]
    public var command: [String]
    /// Environment variables by name; `PATH` has a default.
    public var environment: [String: String]
    public var labels: [String: String]

    public init(
        name: String, suite: String, architecture: String? = nil, packages: [String], mirror: String? = nil, snapshot: String? = nil,
        keepsPackageManager: Bool = false, user: String? = nil, entrypoint: [String] = [], command: [String] = [],
        environment: [String: String] = [:], labels: [String: String] = [:]
    ) {
        self.name = name
        self.suite = suite
        self.architecture = architecture
        self.packages = packages
        self.mirror = mirror
        self.snapshot = snapshot
        self.keepsPackageManager = keepsPackageManager
        self.user = user
        self.entrypoint = entrypoint
        self.command = command
        self.environment = environment
        self.labels = labels
    }
}
