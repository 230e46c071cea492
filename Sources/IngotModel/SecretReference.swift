/// Where the value of a secret is found.
///
/// A repository names a source and a place in it, never an address or a credential: those are the daemon's own (`secret-sources.yaml`), or
/// whoever can commit could have the daemon's credentials sent anywhere.
public enum SecretReference: Hashable, Sendable, Codable {
    /// A file on the daemon's machine.
    case file(String)
    /// A value that is committed, and that only the daemon can open.
    case sealed(SealedReference)
    /// A field of OpenBao or Vault, key-value engine version 2.
    case vault(VaultReference)
    case aws(AWSReference)
}

public struct SealedReference: Hashable, Sendable, Codable {
    /// The file beside `ingot.yaml`.
    public var file: String
    /// What stands there; `nil` until the file was read.
    public var box: String?
    public init(file: String, box: String? = nil) {
        self.file = file
        self.box = box
    }
}

public struct VaultReference: Hashable, Sendable, Codable {
    /// The name of a source of the daemon.
    public var source: String
    /// Where the engine is mounted: `secret`.
    public var mount: String
    public var path: String
    public var field: String
    public init(source: String, mount: String, path: String, field: String) {
        self.source = source
        self.mount = mount
        self.path = path
        self.field = field
    }

    public static let longestPath = 512

    /// What can stand in the path of a request as it is, and can't lead out of it.
    public static func isPath(_ text: String) -> Bool {
        (1...longestPath).contains(text.utf8.count)
            && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty && part != "." && part != ".." && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
            }
    }
}

public struct AWSReference: Hashable, Sendable, Codable {
    /// The name of a source of the daemon.
    public var source: String
    /// A secret's name or ARN.
    public var id: String
    /// A key of the JSON object that the secret holds; the whole text when `nil`.
    public var field: String?
    /// Which version is meant: `AWSCURRENT`.
    public var stage: String
    public init(source: String, id: String, field: String? = nil, stage: String = AWSReference.current) {
        self.source = source
        self.id = id
        self.field = field
        self.stage = stage
    }

    public static let current = "AWSCURRENT"
}

extension SecretReference: CustomStringConvertible {
    /// For people: where it is, without anything secret.
    public var description: String {
        switch self {
        case .file(let path): "file \(path)"
        case .sealed(let sealed): "encrypted in \(sealed.file)"
        case .vault(let vault): "\(vault.source) \(vault.mount)/\(vault.path), field \(vault.field)"
        case .aws(let aws):
            "\(aws.source) \(aws.id)\(aws.field.map { ", field \($0)" } ?? "")\(aws.stage == AWSReference.current ? "" : ", \(aws.stage)")"
        }
    }

    /// The name of the source that is asked: what fails together.
    public var source: String {
        switch self {
        case .file: "file"
        case .sealed: "encrypted"
        case .vault(let vault): vault.source
        case .aws(let aws): aws.source
        }
    }
}

extension SecretReference {
    /// Whether naming it is enough to have it: a file or a source may hold other people's, too. A value that is committed was encrypted for
    /// this environment and this name.
    var isReadWithRightsOfDaemon: Bool {
        if case .sealed = self { false } else { true }
    }
}

/// What happens when a source has another value than the release that serves.
public enum SecretRotation: String, Hashable, Sendable, Codable, CaseIterable {
    /// A release of the same image with the new value is rolled out.
    case roll
    /// It is told, and waits for somebody.
    case manual
}

public struct SecretRefresh: Hashable, Sendable, Codable {
    public var rotation: SecretRotation
    /// How often the sources are asked.
    public var interval: Milliseconds
    public init(rotation: SecretRotation = .roll, interval: Milliseconds = SecretRefresh.usualInterval) {
        self.rotation = rotation
        self.interval = interval
    }

    public static let usualInterval = Milliseconds.seconds(60)
    /// Asked more often, a source is worn out; less often, nobody notices that it is gone.
    public static let intervals = Milliseconds.seconds(1)...(.minutes(1_440))
}

extension EnvironmentSpecification {
    /// Where each secret's value is found.
    public var secrets: [String: SecretReference] {
        secretFiles.mapValues { .file($0) }.merging(secretSources) { _, source in source }
    }
}

// Records of before secrets came from anywhere but files.
extension KeyedDecodingContainer {
    package func decode(_ type: [String: SecretReference].Type, forKey key: Key) throws -> [String: SecretReference] {
        try decodeIfPresent(type, forKey: key) ?? [:]
    }

    package func decode(_ type: SecretRefresh.Type, forKey key: Key) throws -> SecretRefresh {
        try decodeIfPresent(type, forKey: key) ?? SecretRefresh()
    }
}
