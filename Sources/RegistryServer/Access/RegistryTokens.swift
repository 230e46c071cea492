internal import FoundationEssentials
internal import Glibc
public import IngotModel
internal import Synchronization

/// The tokens of a root, a file each: whoever may write there is the administrator. The daemon sees a change with the next request.
public final class RegistryTokens: Sendable {
    public static let mostTokens = 1_000
    static let largest = 64 << 10

    private let folder: String
    private let known = Mutex(Known())

    private struct Known {
        var stamp: [Int]?
        var tokens: [RegistryToken] = []
    }

    /// A folder that was changed just now may be changed again under the same time: file systems' clocks are coarse. In seconds.
    private static let settling = 2

    /// - Parameter root: the daemon's folder.
    public init(root: String) { folder = "\(root)/registry-tokens" }

    /// Makes a token, and returns the secret: nobody can have it a second time.
    ///
    /// - Throws: `RegistryServerError` when the name is none, or is taken.
    public func create(
        _ name: String, repositories: [RepositoryPattern], mayPush: Bool, createdAt now: Timestamp, lifetime: Milliseconds
    ) throws -> (token: RegistryToken, secret: String) {
        guard RegistryToken.isName(name) else {
            throw RegistryServerError(
                "token-name-invalid", "'\(name.prefix(80))' cannot name a token", remedy: "use 1 to 63 small letters, digits and hyphens")
        }
        guard try list().count < Self.mostTokens else {
            throw RegistryServerError("too-many-tokens", "there are \(Self.mostTokens) tokens", remedy: "revoke those that nobody uses")
        }
        let secret = RegistrySecret.make()
        let token = RegistryToken(
            name: name, repositories: repositories, mayPush: mayPush, hash: secret.hash, createdAt: now, expiresAt: now + lifetime)
        try makeFolder()
        try TokenFile.write(Array(JSONEncoder().encode(token)), as: name, in: folder)
        return (token, secret.text)
    }

    /// `false` when there is no such token.
    public func revoke(_ name: String) throws -> Bool {
        guard RegistryToken.isName(name) else { return false }
        return try TokenFile.remove(name, in: folder)
    }

    /// By name. A file that cannot be read is no token.
    public func list() throws -> [RegistryToken] {
        let stamp = stamp()
        if let stamp, let tokens = known.withLock({ $0.stamp == stamp ? $0.tokens : nil }) { return tokens }
        let tokens = try TokenFile.names(in: folder).prefix(Self.mostTokens).compactMap { name -> RegistryToken? in
            guard let bytes = try TokenFile.read(name, in: folder, limit: Self.largest) else { return nil }
            return try? JSONDecoder().decode(RegistryToken.self, from: Data(bytes))
        }
        known.withLock { $0 = Known(stamp: stamp, tokens: tokens) }
        return tokens
    }

    /// The token of a secret; `nil` when there is none, or it has ended. Every one is compared, each in constant time.
    func token(of secret: RegistrySecret, at now: Timestamp) throws -> RegistryToken? {
        let hash = Array(secret.hash.hex.utf8)
        var found: RegistryToken?
        for token in try list() where Self.areEqual(Array(token.hash.hex.utf8), hash) { found = token }
        return found.flatMap { $0.isExpired(at: now) ? nil : $0 }
    }

    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Changes whenever a file comes, goes or is replaced; `nil` while that can't be said.
    private func stamp() -> [Int]? {
        var status = stat()
        guard stat(folder, &status) == 0, time(nil) - status.st_mtim.tv_sec >= Self.settling else { return nil }
        return [Int(status.st_ino), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }

    private func makeFolder() throws {
        guard mkdir(folder, 0o700) != 0, errno != EEXIST else { return }
        throw TokenFile.failed("make the folder", folder)
    }
}
