import Crypto
import Glibc
public import IngotModel
import Secrets
import Synchronization

/// Where the values of secrets stand on this machine: one file a version, mode 0600 in a folder of mode 0700, named by the
/// version. Releases, events and the database hold versions only.
///
/// A version is a keyed digest (HMAC-SHA-256, RFC 2104) with a key of this machine, so that a short password can't be
/// found from its version by trying.
public struct SecretVault: Sendable {
    private let folder: String
    private let key: SymmetricKey
    /// What the values of environments are encrypted for at rest comes of this one.
    private let sealing: SymmetricKey
    /// What was read a short time ago, and what nothing on record may name yet.
    private let recent = RecentVersions()

    public init(folder: String) throws {
        try PrivateFile.makeFolder(folder, mode: 0o700)
        try PrivateFile.removeUnfinished(in: folder)
        self.folder = folder
        key = try Self.key("key", in: folder)
        sealing = try Self.key("sealing.key", in: folder)
    }

    private static func key(_ name: String, in folder: String) throws -> SymmetricKey {
        if let bytes = try PrivateFile.read("\(folder)/\(name)", limit: 64, isKey: true) {
            guard bytes.count == 32 else {
                throw ControlError.system("secret-key-damaged", "\(folder)/\(name) is damaged", remedy: "put it back from a backup")
            }
            return SymmetricKey(data: bytes)
        }
        let key = SymmetricKey(size: .bits256)
        try PrivateFile.write(key.withUnsafeBytes { Array($0) }, to: name, in: folder)
        return key
    }

    /// The key pair of an environment.
    func sealingKey(for environment: EnvironmentID) -> SealingKey {
        SealingKey(master: sealing.withUnsafeBytes { Array($0) }, environment: environment)
    }

    /// Keeps a value, and says its version. Idempotent; mends a version that is damaged on the disk.
    public func keep(_ value: [UInt8]) throws -> IngotModel.Digest {
        let version = version(of: value)
        recent.note(version)
        guard (try? self.value(of: version)) == nil else { return version }
        try PrivateFile.write(value, to: version.hex, in: folder)
        return version
    }

    /// The value of a version.
    ///
    /// - Throws: `control.secret-missing`, `control.secret-changed`.
    public func value(of version: IngotModel.Digest) throws -> [UInt8] {
        guard let value = try PrivateFile.read("\(folder)/\(version.hex)", limit: ByteSize(SecretValue.largest)) else {
            throw ControlError.system(
                "secret-missing", "version \(version.short) of a secret is not on this machine",
                remedy: "deploy again, which reads the secret anew")
        }
        guard self.version(of: value) == version else {
            throw ControlError.system(
                "secret-changed", "version \(version.short) of a secret was changed on the disk",
                remedy: "find out who did; then deploy again, which reads the secret anew")
        }
        return value
    }

    /// Removes the values that no release needs any more.
    ///
    /// - Parameter spares: whether what was read a short time ago stays, too: a release may be made of it at this moment.
    /// - Returns: how many.
    @discardableResult
    func removeAll(except needed: Set<IngotModel.Digest>, sparingRecent spares: Bool = false) throws -> Int {
        guard let listing = opendir(folder) else { throw PrivateFile.failed("list", folder, "opendir") }
        defer { closedir(listing) }
        var removed = 0
        while let entry = readdir(listing) {
            let name = entry.name
            guard let version = IngotModel.Digest(hex: name), !needed.contains(version), !(spares && recent.contains(version)) else { continue }
            if unlink("\(folder)/\(name)") == 0 { removed += 1 }
        }
        return removed
    }

    private func version(of value: [UInt8]) -> IngotModel.Digest {
        IngotModel.Digest(bytes: HMAC<SHA256>.authenticationCode(for: value, using: key))
    }
}
