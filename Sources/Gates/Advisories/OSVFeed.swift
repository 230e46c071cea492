import Foundation
internal import ImageStore
internal import IngotModel
internal import SystemPackage

/// Many advisories in OSV form. Of those with one identifier the one that was modified last counts; when that one is withdrawn, none.
/// Two of the same moment that say different things both count, and a withdrawal that stands beside another word does not.
struct OSVFeed {
    private let limits: AdvisoryLimits
    private var records: [String: (modified: Timestamp, statements: [Advisory]?)] = [:]
    private var contents = AdvisorySource.Contents()

    private init(_ limits: AdvisoryLimits) { self.limits = limits }

    static func read(_ path: FilePath, _ limits: AdvisoryLimits) throws -> AdvisorySource.Contents {
        var feed = OSVFeed(limits)
        try feed.addAny(path)
        guard !feed.records.isEmpty else { throw AdvisoryError.malformed("\(path)", "it holds none") }
        return feed.finished()
    }

    private mutating func addAny(_ path: FilePath) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path.string, isDirectory: &isFolder) else {
            throw AdvisoryError.system("reading", path.string, Errno.noSuchFileOrDirectory)
        }
        if isFolder.boolValue { return try addFolder(path) }
        try addFile(path)
    }

    /// By the content where it says so, else by the name: a zip, a document, or lines.
    private mutating func addFile(_ path: FilePath) throws {
        let start = try start(of: path)
        if start.starts(with: [0x50, 0x4b, 0x03, 0x04]) {
            return try PackedFiles.forEachFile(ofZip: path, limits: limits.archive, largest: limits.recordBytes) { name, bytes in
                guard name.hasSuffix(".json") else { return }
                try add(bytes, "\(name.prefix(200)) in \(path)")
            }
        }
        let names = [".jsonl", ".ndjson"]
        if names.contains(where: { path.string.contains($0) }) {
            return try PackedText.forEachLine(path, limits) { try add($1, "line \($0) of \(path)") }
        }
        try add(PackedText.whole(path, limits), "\(path)")
    }

    private func start(of path: FilePath) throws -> [UInt8] {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            return try file.closeAfter {
                try [UInt8](unsafeUninitializedCapacity: 4) { buffer, count in count = try file.read(into: UnsafeMutableRawBufferPointer(buffer)) }
            }
        } catch {
            throw AdvisoryError.system("reading", path.string, error)
        }
    }

    /// Every file below, links aside.
    private mutating func addFolder(_ folder: FilePath) throws {
        guard let walk = FileManager.default.enumerator(atPath: folder.string) else {
            throw AdvisoryError.system("reading", folder.string, Errno.noSuchFileOrDirectory)
        }
        var files = 0
        for case let name as String in walk where name.contains(".json") || name.hasSuffix(".zip") {
            guard walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            files += 1
            guard files <= limits.records else { throw AdvisoryError.tooLarge("\(folder)", limit: "\(limits.records) files") }
            try addFile(folder.appending(name))
        }
    }

    private mutating func add(_ bytes: [UInt8], _ place: String) throws {
        let record: OSVRecord
        do { record = try OSVRecord.decode(bytes) } catch { throw AdvisoryError.malformed(place, "it is not as the OSV schema says", cause: error) }
        guard !record.id.isEmpty, record.affected?.count ?? 0 <= limits.packages else {
            throw AdvisoryError.tooLarge(place, limit: "\(limits.packages) packages, or no identifier")
        }
        guard let modified = record.modifiedAt else { throw AdvisoryError.malformed(place, "when it was modified is no time") }
        guard !record.isWithdrawn || record.withdrawnAt != nil else { throw AdvisoryError.malformed(place, "when it was withdrawn is no time") }
        contents.newest = max(contents.newest ?? modified, modified)
        let known = records[record.id]
        if let known, known.modified > modified { return }
        let isOfSameMoment = known?.modified == modified
        if record.isWithdrawn {
            if !isOfSameMoment { records[record.id] = (modified, nil) }
            return
        }
        let statements = try record.statements(limits)
        contents.skipped += statements.skipped
        records[record.id] = (modified, (isOfSameMoment ? known?.statements ?? [] : []) + statements.advisories)
        guard records.count <= limits.records else { throw AdvisoryError.tooLarge("the feed", limit: "\(limits.records) advisories") }
    }

    private func finished() -> AdvisorySource.Contents {
        var contents = contents
        contents.withdrawn = records.values.count { $0.statements == nil }
        contents.advisories = records.values.flatMap { $0.statements ?? [] }
        return contents
    }
}
