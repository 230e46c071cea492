import Foundation
import Glibc
internal import IngotModel
internal import SystemPackage

/// Puts an index together and writes it.
struct AdvisoryIndexBuilder {
    private struct Key: Hashable {
        var scope: AdvisoryScope
        var name: String
    }

    private(set) var catalog = AdvisoryCatalog()
    private var statements: [Key: [(advisory: Advisory, source: Int)]] = [:]

    mutating func add(_ source: AdvisoryCatalog.Source, _ advisories: [Advisory]) {
        for advisory in advisories {
            for name in advisory.scope.names(of: advisory.package) {
                statements[Key(scope: advisory.scope, name: name), default: []].append((advisory, catalog.sources.count))
            }
        }
        catalog.sources.append(source)
    }

    func write(_ path: FilePath) throws {
        let bytes = try self.bytes(path)
        let temporary = "\(path.string).\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 16)).tmp"
        do {
            let file = try FileDescriptor.open(
                FilePath(temporary), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            try file.closeAfter {
                try file.writeAll(bytes)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            guard rename(temporary, path.string) == 0 else { throw Errno(rawValue: errno) }
            let parent = path.removingLastComponent()
            let folder = try FileDescriptor.open(parent.isEmpty ? "." : parent, .readOnly, options: .closeOnExec)
            try folder.closeAfter { guard fsync(folder.rawValue) == 0 else { throw Errno(rawValue: errno) } }
        } catch {
            unlink(temporary)
            throw GateError(
                code: "gates.advisories-not-written", message: "the index of advisories \(path) could not be written",
                remedy: "check that its folder exists and has room; the index from before is still there", fault: .world, cause: error)
        }
    }

    /// The same advisories give the same bytes.
    private func bytes(_ path: FilePath) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let catalog = Array(try encoder.encode(catalog))
        let sorted = statements.map { (hash: AdvisoryIndex.hash($0.key.scope, $0.key.name), key: $0.key, list: $0.value) }
            .sorted { ($0.hash, $0.key.scope, $0.key.name) < ($1.hash, $1.key.scope, $1.key.name) }
        let start = AdvisoryIndex.prefixLength + catalog.count + sorted.count * AdvisoryIndex.Entry.length
        var head = catalog
        var body: [UInt8] = []
        for entry in sorted {
            let block = Self.block(entry.key, entry.list)
            head += Self.little(entry.hash, 8) + Self.little(UInt64(start + body.count), 8)
            head += Self.little(UInt64(block.count), 4) + Self.little(UInt64(CRC32.checksum(block)), 4)
            body += block
        }
        var prefix = AdvisoryIndex.magic + Self.little(UInt64(catalog.count), 4)
        prefix += Self.little(UInt64(sorted.count * AdvisoryIndex.Entry.length), 4)
        prefix += Self.little(UInt64(start + body.count), 8) + Self.little(UInt64(CRC32.checksum(head)), 4) + Self.little(0, 4)
        return prefix + head + body
    }

    private static func block(_ key: Key, _ list: [(advisory: Advisory, source: Int)]) -> [UInt8] {
        var writer = AdvisoryWriter()
        writer.write(key.scope.text)
        writer.write(key.name)
        writer.write(list.sorted { ($0.source, $0.advisory.id) < ($1.source, $1.advisory.id) }) { writer, statement in
            writer.write(statement.advisory)
            writer.write(statement.source)
        }
        return writer.bytes
    }

    private static func little(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }
}
