import Foundation
internal import IngotModel
import Synchronization
public import SystemPackage

/// Advisories that can be asked for a package.
public protocol AdvisorySet: Sendable {
    var catalog: AdvisoryCatalog { get }
    /// Everything that is known about a package, by the name that advisories use: of a distribution, the source package's.
    func advisories(_ scope: AdvisoryScope, _ name: String) throws -> [Advisory]
}

/// Advisories on disk, found by scope and name in microseconds.
///
/// One file: magic, sizes and checksum; the catalog as JSON; a table sorted by the hash of scope and name; then a block for each.
/// The table is read and checked when the index is opened, a block when it is first asked for. The file is only ever replaced,
/// so an open index stays what it was. A block that was read is kept for the next image.
public final class AdvisoryIndex: AdvisorySet {
    public let path: FilePath
    public let catalog: AdvisoryCatalog
    private let file: FileDescriptor
    private let table: [Entry]
    private let blocks = Mutex<[UInt64: [Advisory]]>([:])

    struct Entry: Hashable, Sendable {
        var hash: UInt64
        var offset: UInt64
        var count: UInt32
        var checksum: UInt32
        static let length = 24
    }

    static let magic = Array("INGOTAD1".utf8)
    static let prefixLength = 32
    /// The catalog and the table of two million packages.
    private static let longestHead = 64 << 20
    private static let longestBlock = 256 << 20
    /// Blocks that are kept in memory, with what they hold about a package each.
    private static let keptBlocks = 20_000

    /// Where it is below the daemon's folder.
    public static func path(under root: FilePath) -> FilePath { root.appending("advisories").appending("index") }

    /// - Throws: `GateError` `gates.no-advisories` when there is none, `gates.advisory-index-damaged` when it can't be trusted.
    public static func open(_ path: FilePath) throws -> AdvisoryIndex {
        do {
            return try AdvisoryIndex(path, FileDescriptor.open(path, .readOnly, options: .closeOnExec))
        } catch Errno.noSuchFileOrDirectory {
            throw GateError(
                code: "gates.no-advisories", message: "there are no advisories at \(path)",
                remedy: "import some: `ingot advisories import`", fault: .user)
        } catch let error as Errno {
            throw AdvisoryError.system("opening", path.string, error)
        }
    }

    private init(_ path: FilePath, _ file: FileDescriptor) throws {
        self.path = path
        self.file = file
        do {
            let prefix = try Self.read(file, at: 0, count: Self.prefixLength)
            let sizes = try Self.sizes(prefix, path)
            let head = try Self.read(file, at: Self.prefixLength, count: sizes.catalog + sizes.table)
            guard CRC32.checksum(head) == sizes.checksum else { throw AdvisoryError.damaged(path.string, "its checksum is wrong") }
            catalog = try JSONDecoder().decode(AdvisoryCatalog.self, from: Data(head[..<sizes.catalog]))
            table = Self.entries(head[sizes.catalog...])
            guard try file.seek(offset: 0, from: .end) == Int64(clamping: sizes.total) else {
                throw AdvisoryError.damaged(path.string, "it ends too early or too late")
            }
        } catch {
            try? file.close()
            throw error is GateError ? error : AdvisoryError.damaged(path.string, "its head can't be read")
        }
    }

    deinit { try? file.close() }

    // MARK: Looking up

    /// - Throws: `GateError` `gates.advisory-index-damaged`.
    public func advisories(_ scope: AdvisoryScope, _ name: String) throws -> [Advisory] {
        let name = scope.normalized(name)
        let hash = Self.hash(scope, name)
        if let kept = blocks.withLock({ $0[hash] }) { return kept.filter { $0.scope == scope && $0.package == name } }
        let all = try entries(hash).flatMap { try block($0).advisories }
        blocks.withLock { blocks in
            if blocks.count >= Self.keptBlocks { blocks.removeAll() }
            blocks[hash] = all
        }
        return all.filter { $0.scope == scope && $0.package == name }
    }

    /// Reads every block, and so finds damage anywhere.
    public func verify() throws {
        for entry in table { _ = try block(entry) }
    }

    /// All statements of a source.
    func advisories(of source: Int) throws -> [Advisory] {
        try table.flatMap { entry in
            let block = try block(entry)
            return zip(block.advisories, block.sources).filter { $1 == source }.map(\.0)
        }
    }

    private func entries(_ hash: UInt64) -> ArraySlice<Entry> {
        var low = 0
        var high = table.count
        while low < high {
            let middle = (low + high) / 2
            if table[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        return table[low...].prefix { $0.hash == hash }
    }

    private func block(_ entry: Entry) throws -> (advisories: [Advisory], sources: [Int]) {
        do {
            guard entry.count <= Self.longestBlock, entry.offset < UInt64(Int32.max) << 8 else { throw AdvisoryReader.Damaged() }
            let offset = Int(entry.offset)
            let bytes = try Self.read(file, at: offset, count: Int(entry.count))
            guard CRC32.checksum(bytes) == entry.checksum else { throw AdvisoryReader.Damaged() }
            var reader = AdvisoryReader(bytes)
            let scopeText = try reader.text()
            guard let scope = AdvisoryScope(scopeText) else { throw AdvisoryReader.Damaged() }
            let name = try reader.text()
            let statements = try reader.list { (try $0.advisory(scope, name), Int(clamping: try $0.number())) }
            return (statements.map(\.0), statements.map(\.1))
        } catch {
            throw AdvisoryError.damaged(path.string, "what it says about a package can't be read")
        }
    }

    // MARK: Bytes

    private static func read(_ file: FileDescriptor, at offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled..<count])
                let piece = try file.read(fromAbsoluteOffset: Int64(offset) + Int64(filled), into: rest)
                guard piece > 0 else { throw AdvisoryReader.Damaged() }
                filled += piece
            }
        }
    }

    private static func sizes(_ prefix: [UInt8], _ path: FilePath) throws -> (catalog: Int, table: Int, total: UInt64, checksum: UInt32) {
        guard prefix.starts(with: magic) else { throw AdvisoryError.damaged(path.string, "it does not begin as one does") }
        let catalog = Int(number(prefix[8..<12]))
        let table = Int(number(prefix[12..<16]))
        guard catalog + table <= longestHead, table.isMultiple(of: Entry.length) else {
            throw AdvisoryError.damaged(path.string, "its sizes are impossible")
        }
        return (catalog, table, number(prefix[16..<24]), UInt32(truncatingIfNeeded: number(prefix[24..<28])))
    }

    private static func entries(_ bytes: ArraySlice<UInt8>) -> [Entry] {
        stride(from: bytes.startIndex, to: bytes.endIndex, by: Entry.length).map { start in
            Entry(
                hash: number(bytes[start..<start + 8]), offset: number(bytes[start + 8..<start + 16]),
                count: UInt32(truncatingIfNeeded: number(bytes[start + 16..<start + 20])),
                checksum: UInt32(truncatingIfNeeded: number(bytes[start + 20..<start + 24])))
        }
    }

    /// Little-endian.
    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

    /// Source: Fowler, Noll, Vo, FNV-1a with 64 bits. Two names with one hash are told apart by what their blocks say.
    static func hash(_ scope: AdvisoryScope, _ name: String) -> UInt64 {
        func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return name.utf8.reduce(mix(scope.text.utf8.reduce(0xcbf2_9ce4_8422_2325, mix), 0), mix)
    }
}
