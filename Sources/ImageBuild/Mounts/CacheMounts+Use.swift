import Glibc
import IngotModel
import SystemPackage

extension CacheMounts {
    /// How often a step looks whether a locked cache is free.
    private static let pause = Milliseconds(20)

    /// A cache in use, until the value is gone.
    struct Use: Sendable {
        var folder: FilePath
        let lock: FileLock
    }

    /// Finds or makes the cache, and holds it. Waits for a locked one until the task is cancelled.
    ///
    /// - Parameters:
    ///   - beginning: what it begins as when it is made, and a key of that.
    func use(_ cache: RunMount.Cache, beginning: (key: String, make: (FilePath) throws -> Void)?, now: Timestamp) async throws -> Use {
        try Files.makeFolders(folder)
        let key = Self.key(cache, beginning: beginning?.key)
        while true {
            try Task.checkCancellation()
            if let use = try take(cache, key, beginning?.make, now: now) { return use }
            try await Task.sleep(for: Self.pause.duration)
        }
    }

    static func key(_ cache: RunMount.Cache, beginning: String?) -> String {
        var key = CacheKey.Builder("cache-mount")
        key.append([cache.id, beginning ?? "", beginning == nil ? "" : cache.source])
        key.append(cache.mode.map(Int.init) ?? -1)
        key.append(cache.owner.map { "\($0.user):\($0.group)" } ?? "")
        return String(key.finish().digest.hex.prefix(24))
    }

    /// `nil` when all that it may have are held.
    private func take(_ cache: RunMount.Cache, _ key: String, _ make: ((FilePath) throws -> Void)?, now: Timestamp) throws -> Use? {
        let gate = try FileLock(folder.appending("lock"))
        defer { withExtendedLifetime(gate) {} }
        // A locked cache is one and the same for all who lock it, so they wait for the first.
        for copy in 0..<(cache.sharing == .locked ? 1 : Self.mostCopies) {
            let name = "\(key)-\(copy)"
            var about = try self.about(name, cache, make, now: now)
            guard let lock = try FileLock.ifFree(place(name).appending("lock"), isShared: cache.sharing == .shared) else { continue }
            about.usedAt = now
            try write(about)
            return Use(folder: place(name).appending("data"), lock: lock)
        }
        return nil
    }

    private func about(_ name: String, _ cache: RunMount.Cache, _ make: ((FilePath) throws -> Void)?, now: Timestamp) throws -> About {
        if let about = read(name) { return about }
        // Without its record it is of a builder that was killed before it was whole.
        Files.removeTree(place(name))
        removeHalfMade()
        let new = folder.appending("\(name).new")
        try Files.makeFolder(new)
        let data = new.appending("data")
        if let make { try make(data) } else { try Files.makeFolder(data, mode: 0o755) }
        try Files.adopt(owner: cache.owner ?? (make == nil ? .root : nil), mode: cache.mode ?? (make == nil ? 0o755 : nil), on: data)
        let about = About(name: name, id: cache.id, createdAt: now, usedAt: now, size: 0)
        guard rename(new.string, place(name).string) == 0 else { throw BuildError.system("rename", new.string, number: errno) }
        try write(about)
        return about
    }
}
