import FoundationEssentials
import Glibc
public import IngotModel
public import SystemPackage

/// The folders that `RUN --mount=type=cache` keeps from build to build, under `ROOT/build/mounts`.
///
///     lock                  held while one is made or removed
///     <key>-<n>/lock        held by the steps that use it: shared, or alone
///     <key>-<n>/about.json  what it is and when it was last used
///     <key>-<n>/data/       what the step sees
///
/// `<key>` is of the cache's name and of what it began with. A step whose sharing is `private`, and one that finds the
/// first locked, gets the next number. A builder that is killed leaves no lock: they end with their process.
public struct CacheMounts: Sendable {
    /// More copies of one cache are not made; who comes then waits.
    static let mostCopies = 64

    let folder: FilePath

    /// - Parameter folder: `ROOT/build/mounts`; made when it is first needed.
    public init(folder: FilePath) { self.folder = folder }

    /// One cache.
    public struct About: Hashable, Sendable, Codable {
        /// The name of the folder it is in.
        public internal(set) var name: String
        /// As `id=` named it.
        public var id: String
        public var createdAt: Timestamp
        public var usedAt: Timestamp
        /// On disk, when it was listed; 0 as it is stored.
        public var size: ByteSize
    }

    /// All that are there, the last used first.
    public func list() throws -> [About] {
        Files.names(folder).compactMap { name in
            guard var about = read(name) else { return nil }
            about.size = ByteSize(Files.size(of: place(name).appending("data")))
            return about
        }.sorted { ($1.usedAt, $0.name) < ($0.usedAt, $1.name) }
    }

    /// Removes those that were not used for a time, and of the others those that were longest not used, until the rest
    /// is not larger than a size. One that a step uses stays. Returns what was removed.
    public func prune(unusedFor age: Milliseconds? = nil, largest: ByteSize? = nil, now: Timestamp) throws -> [About] {
        guard access(folder.string, F_OK) == 0 else { return [] }
        let gate = try FileLock(folder.appending("lock"))
        defer { withExtendedLifetime(gate) {} }
        removeHalfMade()
        var kept = 0
        var removed: [About] = []
        for about in try list() {
            kept += about.size.bytes
            let isOld = age.map { now.millisecondsSince1970 - about.usedAt.millisecondsSince1970 >= $0.count } ?? false
            let isTooMuch = largest.map { kept > $0.bytes } ?? false
            guard isOld || isTooMuch, remove(about.name) else { continue }
            kept -= about.size.bytes
            removed.append(about)
        }
        return removed
    }

    // MARK: Within

    func place(_ name: String) -> FilePath { folder.appending(name) }

    func read(_ name: String) -> About? {
        guard let bytes = try? Files.read(place(name).appending("about.json"), limit: 1 << 16) else { return nil }
        return try? JSONDecoder().decode(About.self, from: Data(bytes))
    }

    func write(_ about: About) throws(BuildError) {
        guard let data = try? JSONEncoder().encode(about) else { return }
        try Files.write(Array(data), to: place(about.name).appending("about.json"))
    }

    private func remove(_ name: String) -> Bool {
        guard let lock = try? FileLock.ifFree(place(name).appending("lock"), isShared: false) else { return false }
        defer { withExtendedLifetime(lock) {} }
        Files.removeTree(place(name))
        return true
    }

    /// What a builder was making when it was killed. Nobody makes one while the gate is held.
    func removeHalfMade() {
        for name in Files.names(folder) where name.hasSuffix(".new") { Files.removeTree(place(name)) }
    }
}
