import Foundation
public import IngotModel
public import SystemPackage

/// Where advisories come from, again and again: a path on this machine or an address.
public struct AdvisoryFeed: Hashable, Sendable {
    public var format: AdvisorySource.Format
    /// An absolute path, or an address that begins with `https://`.
    public var location: String
    /// The name under which they are kept; the file's when `nil`.
    public var origin: String?

    public init(format: AdvisorySource.Format, location: String, origin: String? = nil) {
        self.format = format
        self.location = location
        self.origin = origin
    }

    /// The one that an import came from; `nil` when that import did not note where.
    public init?(_ source: AdvisoryCatalog.Source) {
        guard let location = source.location else { return nil }
        self.init(format: source.format, location: location, origin: source.origin)
    }

    public static func isAddress(_ location: String) -> Bool { AdvisoryDownload.isAddress(location) }

    /// Takes over what is there now. Of an address only what has changed since the last import is fetched.
    ///
    /// - Throws: `GateError`; nothing has changed then.
    public func `import`(into index: FilePath, at now: Timestamp) async throws -> AdvisoryImport {
        guard Self.isAddress(location) else { return try source(FilePath(location)).import(into: index, at: now) }
        let catalog = FileManager.default.fileExists(atPath: index.string) ? try AdvisoryIndex.open(index).catalog : AdvisoryCatalog()
        let known = catalog.sources.first { $0.location == location && $0.format == format && $0.origin == origin ?? $0.origin }
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        switch (try await AdvisoryDownload().fetch(location, unlessTag: known?.entityTag, into: folder.path), known) {
        case (.file(let path, let tag, let isDated), _): return try source(path, entityTag: tag, isDated: isDated).import(into: index, at: now)
        case (.unchanged, let known?) where !known.format.hasDates: return try known.confirm(in: index, at: now)
        case (.unchanged, let known?): return AdvisoryImport(source: known, isUnchanged: true, catalog: catalog)
        case (.unchanged, nil): throw AdvisoryError.malformed(location, "the server says that it has not changed, and it was never fetched")
        }
    }

    private func source(_ path: FilePath, entityTag: String? = nil, isDated: Bool = true) -> AdvisorySource {
        var source = AdvisorySource(format: format, path: path, origin: origin)
        source.location = location
        source.entityTag = entityTag
        source.isDated = isDated
        return source
    }
}
