internal import Glibc
internal import IngotModel
public import SystemPackage

/// Keys by name: `NAME.key`, which only its password opens, and `NAME.pub`.
public struct KeyFolder: Sendable {
    public struct Entry: Hashable, Sendable {
        public var name: String
        public var key: VerificationKey
        /// Whether it can sign, too.
        public var hasPrivateKey: Bool
    }

    public let path: FilePath

    public init(_ path: FilePath) { self.path = path }

    /// Makes a key. Its files are whole or not there, and neither replaces one that is.
    ///
    /// - Throws: `gates.key-exists`, `gates.key-malformed` for a name that is none, `gates.key-unwritten`.
    @discardableResult
    public func create(_ name: String, password: String) throws(GateError) -> VerificationKey {
        try check(name)
        let key = SigningKey()
        let text = try key.file(password: password)
        if mkdir(path.string, 0o700) != 0, errno != EEXIST { throw KeyError.unwritten(path.string, Errno(rawValue: errno)) }
        try write(text, name, ".key", mode: 0o600)
        do { try write(key.verificationKey.pem, name, ".pub", mode: 0o644) } catch {
            unlink(file(name, ".key"))
            throw error
        }
        return key.verificationKey
    }

    public func verificationKey(_ name: String) throws(GateError) -> VerificationKey {
        try VerificationKey(pem: read(name, ".pub"), "the key '\(name)'")
    }

    public func signingKey(_ name: String, password: String) throws(GateError) -> SigningKey {
        try SigningKey(file: read(name, ".key"), password: password, "the key '\(name)'")
    }

    /// Whether a key can sign, too. Nothing else of the folder is looked at.
    public func hasPrivateKey(_ name: String) -> Bool { Self.isName(name) && access(file(name, ".key"), F_OK) == 0 }

    /// All keys, by name.
    public func list() throws(GateError) -> [Entry] {
        var entries: [Entry] = []
        for file in try names().sorted() where file.hasSuffix(".pub") && Self.isName(file.dropLast(4)) {
            let name = String(file.dropLast(4))
            entries.append(Entry(name: name, key: try verificationKey(name), hasPrivateKey: hasPrivateKey(name)))
        }
        return entries
    }

    // MARK: Files

    static let nameBytes = 64

    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= nameBytes else { return false }
        func isWord(_ byte: UInt8) -> Bool { (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z") || (48...57).contains(byte) }
        return isWord(first) && text.utf8.allSatisfy { isWord($0) || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains($0) }
    }

    private func check(_ name: String) throws(GateError) {
        guard Self.isName(name) else {
            throw KeyError.malformed("the name '\(name.prefix(80))'", "a key's name has letters, digits, '-', '_' and '.', at most \(Self.nameBytes)")
        }
    }

    private func file(_ name: String, _ ending: String) -> String { path.appending(name + ending).string }

    private func read(_ name: String, _ ending: String) throws(GateError) -> String {
        try check(name)
        let file = file(name, ending)
        do {
            guard let text = try KeyFile.read(file) else { throw KeyError.missing(name, in: path.string) }
            return text
        } catch let error as GateError { throw error } catch { throw KeyError.unreadable(file, error) }
    }

    private func write(_ text: String, _ name: String, _ ending: String, mode: mode_t) throws(GateError) {
        let file = file(name, ending)
        do { try KeyFile.create(file, text, mode: mode) } catch Errno.fileExists { throw KeyError.exists(file) } catch {
            throw KeyError.unwritten(file, error)
        }
    }

    private func names() throws(GateError) -> [String] {
        guard let folder = opendir(path.string) else {
            if errno == ENOENT { return [] }
            throw KeyError.unreadable(path.string, Errno(rawValue: errno))
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }
}
