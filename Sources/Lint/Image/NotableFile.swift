import ImageStore
public import IngotModel

/// A file of an image that a rule asks about.
public struct NotableFile: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case setuid, worldWritable, compiler, sshServer, loginKey, versionControl
        case packageCache, languageCache
    }

    public var kind: Kind
    /// From `/`.
    public var path: String
    /// The layer's diff ID.
    public var layer: Digest
    public var size: ByteSize
}

extension NotableFile.Kind {
    /// What a name of a layer is, if it is something that a rule asks about. Pure.
    static func of(_ entry: LayerEntry) -> Set<NotableFile.Kind> {
        of(path: String(decoding: entry.path, as: UTF8.self), kind: entry.kind, permissions: entry.permissions)
    }

    /// - Parameter path: without a leading slash.
    static func of(path: String, kind: LayerEntry.Kind, permissions: Int) -> Set<NotableFile.Kind> {
        switch kind {
        case .regular:
            var kinds: Set<NotableFile.Kind> = []
            if permissions & 0o6000 != 0, permissions & 0o111 != 0 { kinds.insert(.setuid) }
            if permissions & 0o002 != 0 { kinds.insert(.worldWritable) }
            if let kind = byPath(path, isExecutable: permissions & 0o111 != 0) { kinds.insert(kind) }
            return kinds
        case .folder: return permissions & 0o1002 == 0o002 ? [.worldWritable] : []
        case .symbolicLink, .whiteout, .other: return []
        }
    }

    private static func byPath(_ path: String, isExecutable: Bool) -> NotableFile.Kind? {
        let parts = path.split(separator: "/")
        guard let name = parts.last.map(String.init) else { return nil }
        if isExecutable, isProgram(parts) {
            if name == "sshd" || name == "dropbear" { return .sshServer }
            if isCompiler(name) { return .compiler }
        }
        if isLoginKey(path, parts) { return .loginKey }
        if let folder = parts.dropLast().first(where: { versionControlFolders.contains(String($0)) }) {
            // One file stands for the folder.
            return parts.dropLast().last == folder && ["HEAD", "format", "entries", "requires", "wc.db"].contains(name) ? .versionControl : nil
        }
        if packageCaches.contains(where: path.hasPrefix), !isKeptEmpty(name) { return .packageCache }
        return languageCaches.contains { path.contains($0) } ? .languageCache : nil
    }

    private static func isProgram(_ parts: [Substring]) -> Bool { parts.dropLast().last.map { ["bin", "sbin", "libexec"].contains($0) } ?? false }

    /// `gcc`, `gcc-12`, `x86_64-linux-gnu-gcc-12`, `clang++-16`, `go`, `rustc`, `javac`.
    private static func isCompiler(_ name: String) -> Bool {
        var base = name[...]
        while let dash = base.lastIndex(of: "-"), base[base.index(after: dash)...].allSatisfy({ $0.isNumber || $0 == "." }) { base = base[..<dash] }
        let last = base.split(separator: "-").last.map(String.init) ?? name
        return ["gcc", "g++", "cc1", "clang", "clang++", "rustc", "javac", "swiftc", "ghc"].contains(last) || ["go", "cargo", "tcc"].contains(name)
    }

    private static let versionControlFolders: Set<String> = [".git", ".svn", ".hg", ".bzr"]

    private static let packageCaches = [
        "var/lib/apt/lists/", "var/cache/apt/", "var/cache/apk/", "etc/apk/cache/", "var/cache/dnf/", "var/cache/yum/", "var/cache/zypp/",
    ]
    private static let languageCaches = [
        "/.cache/pip/", "/.npm/_cacache/", "/.cache/yarn/", "/.cargo/registry/", "/go/pkg/mod/cache/", "/.m2/repository/", "/.gradle/caches/",
        "/.cache/uv/", "/.cache/go-build/", "/.composer/cache/", "/.bundle/cache/",
    ]

    /// What apt makes anew where it is missing.
    private static func isKeptEmpty(_ name: String) -> Bool { name == "lock" || name == ".keep" }

    private static func isLoginKey(_ path: String, _ parts: [Substring]) -> Bool {
        guard let name = parts.last else { return false }
        if path.hasPrefix("etc/ssh/ssh_host_"), !name.hasSuffix(".pub") { return true }
        guard parts.dropLast().last == ".ssh" else { return false }
        return name == "authorized_keys" || (name.hasPrefix("id_") && !name.hasSuffix(".pub"))
    }
}
