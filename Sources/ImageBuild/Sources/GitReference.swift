import IngotModel

/// A Git repository, what of it, and which of its folders: `https://host/x.git#branch:folder`, or the same as
/// `?branch=…&subdir=…`.
///
/// Source: Dockerfile reference, "Adding files from a Git repository"; Docker, "Build context", "Git repositories".
public struct GitReference: Hashable, Sendable {
    /// As git takes it.
    public var remote: String
    /// A branch, a tag, a full name below `refs/`, or a commit; the remote's HEAD when `nil`.
    public var ref: String?
    /// Below the repository's top.
    public var folder: String?
    /// The commit that it must be, or its beginning.
    public var commit: String?
    public var keepsGitFolder = false
    public var hasSubmodules = true

    /// `nil` for what is no repository: `git@host:path`, `ssh://`, `git://`, and `https://` with a path that ends in `.git` are.
    ///
    /// - Throws: `BuildError` for one that is written wrong.
    public init?(text: String) throws(BuildError) {
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let address = String(parts.first ?? "")
        let query = address.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let base = query.first, Self.isRepository(base) else { return nil }
        remote = base
        guard !base.utf8.contains(where: { $0 < 33 || $0 == 127 }) else { throw Self.mistake(text, "there is a blank in it") }
        if query.count == 2 { try read(query: query[1], text) }
        if parts.count == 2 { try read(fragment: parts[1], text) }
        if let ref, !Self.isSafe(ref) { throw Self.mistake(text, "'\(ref.prefix(60))' can't be a branch, tag or commit") }
        if let folder, folder.split(separator: "/").contains("..") { throw Self.mistake(text, "the folder goes upward with '..'") }
    }

    private static func isRepository(_ base: String) -> Bool {
        for scheme in ["https://", "http://"] where base.hasPrefix(scheme) { return base.hasSuffix(".git") }
        for scheme in ["ssh://", "git://"] where base.hasPrefix(scheme) { return base.utf8.count > scheme.utf8.count }
        if base.hasPrefix("file:///") { return base.hasSuffix(".git") }
        // git@host:path
        guard let at = base.firstIndex(of: "@"), let colon = base[at...].firstIndex(of: ":") else { return false }
        let isName = { (character: Character) in character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character)) }
        let user = base[..<at], host = base[base.index(after: at)..<colon]
        return !user.isEmpty && user.first != "-" && user.allSatisfy(isName) && !host.isEmpty && host.first != "-" && host.allSatisfy(isName)
    }

    private mutating func read(fragment: Substring, _ text: String) throws(BuildError) {
        let parts = fragment.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if let first = parts.first, !first.isEmpty { ref = String(first) }
        if parts.count == 2, !parts[1].isEmpty { folder = String(parts[1]) }
    }

    private mutating func read(query: String, _ text: String) throws(BuildError) {
        for field in query.split(separator: "&") {
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let value = pair.count == 2 ? pair[1] : ""
            switch pair[0] {
            case "ref": ref = value
            case "branch": ref = "refs/heads/" + value
            case "tag": ref = "refs/tags/" + value
            case "subdir": folder = value
            case "commit", "checksum": commit = value.lowercased()
            case "keep-git-dir": keepsGitFolder = try Self.bool(value, text)
            case "submodules": hasSubmodules = try Self.bool(value, text)
            default:
                throw Self.mistake(
                    text, "'\(pair[0].prefix(40))' is not known in it; known are branch, tag, ref, commit, subdir, submodules, keep-git-dir")
            }
        }
    }

    private static func bool(_ value: String, _ text: String) throws(BuildError) -> Bool {
        switch value.lowercased() {
        case "", "1", "t", "true": return true
        case "0", "f", "false": return false
        default: throw mistake(text, "'\(value.prefix(20))' is neither true nor false")
        }
    }

    /// Git takes a word that begins with `-` for an option. Source of the rest: git-check-ref-format(1).
    private static func isSafe(_ ref: String) -> Bool {
        !ref.isEmpty && ref.utf8.count <= 1024 && !ref.hasPrefix("-") && !ref.contains("..")
            && ref.utf8.allSatisfy { $0 > 32 && $0 != 127 && !"~^:?*[\\".utf8.contains($0) }
    }

    /// Whether the ref is a whole commit.
    var namesCommit: Bool { ref.map(Self.isCommit) ?? false }

    static func isCommit(_ text: String) -> Bool {
        (text.utf8.count == 40 || text.utf8.count == 64) && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private static func mistake(_ text: String, _ why: String) -> BuildError {
        BuildError(
            "invalid-repository", "'\(text.prefix(200))' does not name a Git repository: \(why)", remedy: "write https://host/x.git#branch:folder")
    }
}

extension GitReference {
    init?(_ source: ExpandedCopy.Source) throws(BuildError) {
        do {
            try self.init(text: source.text)
        } catch {
            throw BuildError("invalid-repository", at: source.location, error.message, hint: error.remedy)
        }
    }
}
