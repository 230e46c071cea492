/// `COPY` and `ADD`: sources, a destination, and what else is said of them.
public struct CopyInstruction: Hashable, Sendable {
    public enum Keyword: String, Hashable, Sendable {
        case copy = "COPY"
        case add = "ADD"
    }

    public var keyword = Keyword.copy
    /// Paths of the context or of `from`; with ADD also URLs and Git references. Here documents stand beside.
    public var sources: [Word]
    /// Files whose content stands in the Dockerfile itself, after the sources.
    public var documents: [HereDocument] = []
    public var destination: Word
    /// `--from`: a stage, an image or a named context. COPY only.
    public var from: Word?
    /// `--chown`
    public var owner: Word?
    /// `--chmod`
    public var mode: Word?
    /// `--link`
    public var isLink = false
    /// `--parents`
    public var keepsParents = false
    /// `--exclude`, each as often as it is given.
    public var excludes: [Word] = []
    /// `--checksum`. ADD only.
    public var checksum: Word?
    /// `--keep-git-dir`. ADD only.
    public var keepsGitFolder = false
    /// `--unpack`; `nil` when not said: local archives are unpacked, downloaded ones not. ADD only.
    public var unpacks: Bool?
}
