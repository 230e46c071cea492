/// A base image as a file such as `bases/python.yaml` describes it: a list of packages, and how the image is used.
public struct BaseImageSpecification: Hashable, Sendable, Codable {
    public enum Distribution: String, Hashable, Sendable, Codable, CaseIterable { case debian, ubuntu }

    public enum Variant: String, Hashable, Sendable, Codable, CaseIterable {
        /// The essential packages and those that are asked for.
        case standard
        /// What is asked for and what that needs to run: no package manager, and no shell unless it is asked for.
        case distroless
    }

    /// The local name under which the image is tagged: `python:3.11-bookworm`.
    public var name: String
    public var distribution = Distribution.debian
    /// The release of the distribution: `bookworm`.
    public var suite: String
    /// As dpkg names it: `amd64`, `arm64`; this machine's when `nil`.
    public var architecture: String?
    public var variant = Variant.standard
    /// Whether a distroless image has `/bin/sh` all the same.
    public var keepsShell = false
    /// Names of packages; each may carry a version: `python3=3.11.2-1+b1`.
    public var packages: [String]
    /// The archive's URL; the sources of this machine's apt when `nil`.
    public var mirror: String?
    /// A moment of snapshot.debian.org, `20261101T000000Z`: the archive as it was then. Not together with `mirror`.
    public var snapshot: String?
    /// Whether the package manager stays in the image, for Dockerfiles that say `apt-get install`.
    public var keepsPackageManager: Bool
    public var users: [BaseUser] = []
    public var files: [BaseFile] = []
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

/// A user that a base image has besides those of its packages, with a group of its own name where that is missing.
public struct BaseUser: Hashable, Sendable, Codable {
    public var name: String
    public var id: UInt32
    /// The number of its group; its own number when `nil`.
    public var group: UInt32?
    public var home: String
    public var shell: String

    public init(name: String, id: UInt32, group: UInt32? = nil, home: String = "/nonexistent", shell: String = "/usr/sbin/nologin") {
        self.name = name
        self.id = id
        self.group = group
        self.home = home
        self.shell = shell
    }
}

/// A file that a base image has besides those of its packages, or in the place of one of theirs.
public struct BaseFile: Hashable, Sendable, Codable {
    /// Absolute.
    public var path: String
    public var content: String
    /// The twelve bits of permissions.
    public var mode: UInt16
    /// `user` or `user:group`, a name or a number; root when `nil`.
    public var owner: String?

    public init(path: String, content: String, mode: UInt16 = 0o644, owner: String? = nil) {
        self.path = path
        self.content = content
        self.mode = mode
        self.owner = owner
    }
}
