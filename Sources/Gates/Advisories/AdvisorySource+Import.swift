import Foundation
import Glibc
public import IngotModel
public import SystemPackage

internal import struct Crypto.SHA256

/// What an import came to.
public struct AdvisoryImport: Hashable, Sendable, Codable {
    public var source: AdvisoryCatalog.Source
    /// The same was there already: nothing was written, but at most when that was confirmed.
    public var isUnchanged: Bool
    public var catalog: AdvisoryCatalog
}

extension AdvisorySource {
    /// Takes the advisories over into the index: all of them, in the place of those from the same origin; or none, when one can't be read.
    ///
    /// Atomic: the new index is written under another name, synced, and renamed. Idempotent: importing the same content again
    /// changes nothing, also not the time of import, so old advisories do not grow young by it. One import runs at a time.
    ///
    /// - Throws: `GateError`, also `gates.advisory-index-damaged` for an index that is there and can't be read, and
    ///   `gates.advisories-name-taken` when nobody gave the name and what has it came from elsewhere; `StoreError` for archives.
    public func `import`(into path: FilePath, at now: Timestamp, limits: AdvisoryLimits = .standard) throws -> AdvisoryImport {
        let lock = try IndexLock(path)
        defer { lock.release() }
        let old = FileManager.default.fileExists(atPath: path.string) ? try AdvisoryIndex.open(path) : nil
        if let old { try checkName(old.catalog) }
        let digest = try contentDigest()
        let same = old?.catalog.sources.first { $0.origin == origin && $0.digest == digest && $0.format == format }
        if let old, let known = same, known.location == location {
            return AdvisoryImport(source: known, isUnchanged: true, catalog: old.catalog)
        }
        let contents = try read(limits)
        let source = AdvisoryCatalog.Source(
            origin: origin, format: format, digest: digest, newest: contents.newest, importedAt: same?.importedAt ?? now,
            advisories: contents.advisories.count, withdrawn: contents.withdrawn, skipped: contents.skipped,
            scopes: Dictionary(contents.advisories.map { ($0.scope.text, 1) }, uniquingKeysWith: +), repository: contents.repository,
            location: location, entityTag: entityTag)
        var builder = AdvisoryIndexBuilder()
        for (position, kept) in (old?.catalog.sources ?? []).enumerated() where kept.origin != origin {
            builder.add(kept, try old?.advisories(of: position) ?? [])
        }
        builder.add(source, contents.advisories)
        try builder.write(path)
        return AdvisoryImport(source: source, isUnchanged: false, catalog: builder.catalog)
    }

    /// One `all.zip` must not take the place of another without a word.
    private func checkName(_ catalog: AdvisoryCatalog) throws {
        guard !isNamed, let other = catalog.sources.first(where: { $0.origin == origin })?.location, other != location else { return }
        throw AdvisoryError.nameTaken(origin, by: other)
    }

    /// Of the file's bytes; of a folder, of its files' names and bytes in order.
    private func contentDigest() throws -> Digest {
        var hash = SHA256()
        do {
            for (name, file) in try files() {
                hash.update(data: Array("\(name)\0".utf8))
                let descriptor = try FileDescriptor.open(file, .readOnly, options: .closeOnExec)
                try descriptor.closeAfter {
                    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
                    defer { buffer.deallocate() }
                    while case let count = try descriptor.read(into: buffer), count > 0 {
                        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    }
                }
            }
        } catch {
            throw AdvisoryError.system("reading", path.string, error)
        }
        return Digest(bytes: Array(hash.finalize()))
    }

    private func files() throws -> [(String, FilePath)] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path.string, isDirectory: &isFolder), isFolder.boolValue else { return [("", path)] }
        guard let walk = FileManager.default.enumerator(atPath: path.string) else { return [("", path)] }
        var names: [String] = []
        for case let name as String in walk where walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular { names.append(name) }
        return names.sorted().map { ($0, path.appending($0)) }
    }
}

extension AdvisoryCatalog.Source {
    /// Notes that its server still has the same. Atomic, as an import is; nothing happens when another import has taken its place.
    func confirm(in path: FilePath, at now: Timestamp) throws -> AdvisoryImport {
        let lock = try IndexLock(path)
        defer { lock.release() }
        let index = try AdvisoryIndex.open(path)
        guard index.catalog.sources.contains(self) else { return AdvisoryImport(source: self, isUnchanged: true, catalog: index.catalog) }
        var confirmed = self
        confirmed.confirmedAt = now
        var builder = AdvisoryIndexBuilder()
        for (position, source) in index.catalog.sources.enumerated() {
            builder.add(source == self ? confirmed : source, try index.advisories(of: position))
        }
        try builder.write(path)
        return AdvisoryImport(source: confirmed, isUnchanged: true, catalog: builder.catalog)
    }
}

/// One import at a time. Source: flock(2); the lock ends with the process.
private struct IndexLock {
    private let file: FileDescriptor

    init(_ path: FilePath) throws {
        do {
            let name = FilePath("\(path.string).lock")
            file = try FileDescriptor.open(name, .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
        } catch {
            throw AdvisoryError.system("locking", path.string, error)
        }
        while flock(file.rawValue, LOCK_EX) != 0 {
            guard errno == EINTR else { throw AdvisoryError.system("locking", path.string, Errno(rawValue: errno)) }
        }
    }

    func release() { try? file.close() }
}
