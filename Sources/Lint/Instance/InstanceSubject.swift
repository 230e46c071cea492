public import IngotModel

/// What Ingot's own tests of an image saw of its instances; `nil` for what was not tested.
public struct InstanceSubject: Sendable {
    public var image: Digest
    public var writes: WriteRecord?
    public var stop: StopRecord?
    public var readiness: ReadinessRecord?

    public init(image: Digest, writes: WriteRecord? = nil, stop: StopRecord? = nil, readiness: ReadinessRecord? = nil) {
        self.image = image
        self.writes = writes
        self.stop = stop
        self.readiness = readiness
    }

    /// - Parameter details: of the image's tests, the oldest first; of each kind of record the last counts.
    public init(image: Digest, details: [TestDetails]) {
        self.init(
            image: image, writes: details.last { $0.writes != nil }?.writes, stop: details.last { $0.stop != nil }?.stop,
            readiness: details.last { $0.readiness != nil }?.readiness)
    }

    /// Everything that the rules say of it.
    public func findings() -> [LintFinding] { InstanceRules.all.flatMap { $0.findings(self) } }

    func hit(_ message: String, path: String? = nil) -> LintHit { LintHit(message, at: .image(image, path: path)) }

    /// Files that were written, not removed.
    var writtenFiles: [WriteRecord.Path] { (writes?.paths ?? []).filter { $0.kind == .file } }
}

extension WriteRecord.Path {
    /// By where it lies and how it is called.
    public var isLog: Bool { kind == .file && (path.hasSuffix(".log") || path.hasPrefix("/var/log/")) }

    var isState: Bool {
        let endings = [".db", ".sqlite", ".sqlite3", ".db-wal", ".mdb", ".rdb", ".aof", ".ldb", ".dbm"]
        return kind == .file && (PersistentPaths.isLikely(path) || endings.contains(where: path.hasSuffix))
    }
}
