internal import IngotModel

/// Reads what `AdvisoryWriter` wrote. Whatever the bytes are, it ends with a value or throws `Damaged`.
struct AdvisoryReader {
    struct Damaged: Error {}

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number() throws -> UInt64 {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { throw Damaged() }
            result |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return result }
        }
        throw Damaged()
    }

    /// A count of things of at least a byte each: no more than there are bytes.
    mutating func count() throws -> Int {
        guard let count = Int(exactly: try number()), count <= rest.count else { throw Damaged() }
        return count
    }

    mutating func text() throws -> String {
        let count = try count()
        defer { rest = rest.dropFirst(count) }
        return String(decoding: rest.prefix(count), as: UTF8.self)
    }

    mutating func list<Item>(_ body: (inout Self) throws -> Item) throws -> [Item] {
        try (0..<(try count())).map { _ in try body(&self) }
    }

    mutating func optional() throws -> Int? {
        guard let number = Int(exactly: try number()) else { throw Damaged() }
        return number == 0 ? nil : number - 1
    }

    mutating func advisory(_ scope: AdvisoryScope, _ package: String) throws -> Advisory {
        let id = try text()
        let aliases = try list { try $0.text() }
        let modified = try optional()
        let severity = try number()
        let score = try optional()
        guard severity < Severity.allCases.count, let status = Advisory.Status(rawValue: UInt8(clamping: try number())) else { throw Damaged() }
        let ranges = try list { reader in
            AffectedRange(
                try reader.list { reader in
                    guard let kind = AffectedRange.Kind(rawValue: UInt8(clamping: try reader.number())) else { throw Damaged() }
                    return (kind, try reader.text())
                }, order: scope.order)
        }
        return Advisory(
            id: id, aliases: aliases, scope: scope, package: package, modified: modified.map { Timestamp(millisecondsSince1970: $0) },
            severity: Severity.allCases[Int(severity)], scoreTenths: score, status: status, ranges: ranges,
            versions: try list { try $0.text() }, summary: try text())
    }
}
