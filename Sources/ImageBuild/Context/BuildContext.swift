import Glibc
public import SystemPackage

/// Where the files of a build come from.
///
/// Of all of them COPY sees files of root with owners 0:0: who unpacked an archive or cloned a repository is no part of an image.
public enum BuildContext: Hashable, Sendable {
    case folder(FilePath)
    /// tar, plain or compressed by gzip, bzip2, xz or zstd.
    case archive(FilePath)
    /// An archive, or a Dockerfile alone, which then has no context.
    case standardInput
    case git(GitReference)

    /// As the command line has it: `-`, a Git repository, or a path of a folder or an archive.
    ///
    /// - Throws: `BuildError` for a repository that is written wrong, and an address that is none.
    public init(text: String) throws(BuildError) {
        if text == "-" {
            self = .standardInput
        } else if let reference = try GitReference(text: text.hasPrefix("github.com/") ? "https://" + Self.withEnding(text) : text) {
            self = .git(reference)
        } else if text.hasPrefix("https://") || text.hasPrefix("http://") {
            throw BuildError(
                "context-unsuitable", "'\(text.prefix(200))' is not the address of a Git repository",
                remedy: "end it with .git, or download it: curl … | ingot build -")
        } else {
            var status = stat()
            let isFile = stat(text, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            self = isFile ? .archive(FilePath(text)) : .folder(FilePath(text))
        }
    }

    /// `github.com/a/b#ref` with the `.git` that others need.
    private static func withEnding(_ text: String) -> String {
        let cut = text.firstIndex { $0 == "#" || $0 == "?" } ?? text.endIndex
        return text[..<cut].hasSuffix(".git") ? text : text[..<cut] + ".git" + text[cut...]
    }
}

/// A context that has a name: `COPY --from=NAME`, `FROM NAME` and `RUN --mount=from=NAME` find it before stages and images.
public enum NamedContext: Hashable, Sendable {
    case folder(FilePath)
    /// Of the store.
    case image(String)
    /// An image of an OCI image layout, by its name or digest there.
    case layout(FilePath, reference: String?)
    case git(GitReference)

    /// As the command line has it: `docker-image://NAME`, `oci-layout://PATH[:TAG|@DIGEST]`, a Git repository, or the path of a folder.
    public init(text: String) throws(BuildError) {
        if let name = Self.rest(of: text, "docker-image://") {
            self = .image(name)
        } else if let rest = Self.rest(of: text, "oci-layout://") {
            self = Self.layout(rest)
        } else if let reference = try GitReference(text: text) {
            self = .git(reference)
        } else if text.contains("://") || text.isEmpty {
            throw BuildError(
                "context-unsuitable", "'\(text.prefix(200))' can't be a context",
                remedy: "name a folder, docker-image://NAME, oci-layout://PATH:TAG, or a Git repository")
        } else {
            self = .folder(FilePath(text))
        }
    }

    private static func rest(of text: String, _ scheme: String) -> String? {
        text.hasPrefix(scheme) && text.utf8.count > scheme.utf8.count ? String(text.dropFirst(scheme.count)) : nil
    }

    private static func layout(_ rest: String) -> NamedContext {
        if let at = rest.lastIndex(of: "@") { return .layout(FilePath(String(rest[..<at])), reference: String(rest[rest.index(after: at)...])) }
        let name = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
        guard let colon = rest[name...].lastIndex(of: ":") else { return .layout(FilePath(rest), reference: nil) }
        return .layout(FilePath(String(rest[..<colon])), reference: String(rest[rest.index(after: colon)...]))
    }
}
