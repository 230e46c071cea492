public import ImageStore
public import IngotModel

/// How much of advisories is read. What exceeds it is refused as a whole: advisories that were read in part would let vulnerabilities through.
public struct AdvisoryLimits: Hashable, Sendable {
    /// One advisory as JSON.
    public var recordBytes: ByteSize
    /// The security tracker of Debian is one document of 80 MB.
    public var documentBytes: ByteSize
    public var records: Int
    /// Packages in one advisory.
    public var packages: Int
    /// Ranges, events and versions of one package in one advisory, together.
    public var events: Int
    /// Each name, version and identifier.
    public var nameBytes: Int
    public var archive: ArchiveLimits

    public init(
        recordBytes: ByteSize = .mebibytes(16), documentBytes: ByteSize = .mebibytes(512), records: Int = 1_000_000, packages: Int = 10_000,
        events: Int = 100_000, nameBytes: Int = 1_024,
        archive: ArchiveLimits = ArchiveLimits(bytes: .gibibytes(8), decompressionRatio: 100)
    ) {
        self.recordBytes = recordBytes
        self.documentBytes = documentBytes
        self.records = records
        self.packages = packages
        self.events = events
        self.nameBytes = nameBytes
        self.archive = archive
    }

    public static let standard = AdvisoryLimits()
    static let summaryCharacters = 200

    func check(_ affected: OSVRecord.Affected, of id: String) throws {
        let events = (affected.ranges ?? []).reduce(affected.versions?.count ?? 0) { $0 + 1 + $1.events.count }
        guard events <= self.events else {
            throw AdvisoryError.tooLarge("advisory '\(id.prefix(80))'", limit: "\(self.events) events and versions")
        }
        let texts = [id, affected.package?.name ?? "", affected.package?.ecosystem ?? ""]
        for text in texts where text.utf8.count > nameBytes {
            throw AdvisoryError.tooLarge("a name in advisory '\(id.prefix(80))'", limit: "\(nameBytes) bytes")
        }
    }
}
