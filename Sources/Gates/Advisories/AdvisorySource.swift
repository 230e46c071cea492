import Foundation
internal import ImageStore
internal import IngotModel
public import SystemPackage

/// Advisories as somebody publishes them, on this machine.
public struct AdvisorySource: Hashable, Sendable {
    public enum Format: String, Hashable, Sendable, Codable, CaseIterable {
        /// A folder of JSON files, a zip of them, or JSON lines; each also compressed.
        case osv
        /// Alpine's list of security fixes, a file for each repository.
        case alpine
        /// The data of Debian's security tracker.
        case debian

        /// Whether its advisories say when they were modified.
        var hasDates: Bool { self == .osv }
    }

    public var format: Format
    public var path: FilePath
    /// The name under which they are kept: importing from the same origin replaces what was imported from there.
    public var origin: String
    /// Whether somebody gave that name; else it is the file's, and other files have it too.
    let isNamed: Bool
    /// Where the next import finds them: an absolute path, or an address.
    var location: String
    /// What their server calls what it sent.
    var entityTag: String?
    /// Whether the file's time says how old it is: that of a download is the time of the download when its server tells none.
    var isDated = true

    public init(format: Format, path: FilePath, origin: String? = nil) {
        self.format = format
        self.path = path
        location = path.string
        isNamed = origin != nil
        self.origin = origin ?? path.lastComponent?.string ?? path.string
    }

    /// What was read, before anything is kept.
    struct Contents {
        var advisories: [Advisory] = []
        var withdrawn = 0
        var skipped = 0
        var newest: Timestamp?
        var repository: String?
    }

    /// Reads all of it, or throws: advisories that were read in part would let vulnerabilities through.
    func read(_ limits: AdvisoryLimits) throws -> Contents {
        switch format {
        case .osv: return try OSVFeed.read(path, limits)
        case .alpine:
            let database = try Self.decode(path, AlpineDatabase.decode(PackedText.whole(path, limits), limits))
            return Contents(advisories: try database.advisories(limits), newest: writtenAt, repository: database.reponame)
        case .debian:
            let tracker = try Self.decode(path, DebianTracker.decode(PackedText.whole(path, limits)))
            return Contents(advisories: try tracker.advisories(limits), newest: writtenAt)
        }
    }

    /// These forms don't say how old they are. The file does: it was written when they were fetched, or later; that of a download
    /// has the time at which its server says that it was modified.
    private var writtenAt: Timestamp? {
        guard isDated else { return nil }
        let attributes = try? FileManager.default.attributesOfItem(atPath: path.string)
        return (attributes?[.modificationDate] as? Date).map { Timestamp(millisecondsSince1970: Int($0.timeIntervalSince1970 * 1000)) }
    }

    private static func decode<Value>(_ path: FilePath, _ body: @autoclosure () throws -> Value) throws -> Value {
        do { return try body() } catch let error as any ExplainedError { throw error } catch {
            throw AdvisoryError.malformed("\(path)", "it is not of that form", cause: error)
        }
    }
}
