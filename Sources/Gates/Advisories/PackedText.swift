internal import ImageStore
internal import IngotModel
internal import SystemPackage

/// Files of advisories, decompressed, within limits.
enum PackedText {
    static func whole(_ path: FilePath, _ limits: AdvisoryLimits) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try PackedFiles.forEachPiece(of: path, limits: limits.archive) { piece in
            guard bytes.count + piece.count <= limits.documentBytes.bytes else {
                throw AdvisoryError.tooLarge("\(path)", limit: "\(limits.documentBytes)")
            }
            bytes += piece
        }
        return bytes
    }

    /// Gives each line that is not empty, with its number.
    static func forEachLine(_ path: FilePath, _ limits: AdvisoryLimits, _ body: (Int, [UInt8]) throws -> Void) throws {
        var line: [UInt8] = []
        var number = 1
        func end() throws {
            if line.contains(where: { !" \t\r".utf8.contains($0) }) { try body(number, line) }
            line.removeAll(keepingCapacity: true)
            number += 1
        }
        try PackedFiles.forEachPiece(of: path, limits: limits.archive) { piece in
            var rest = piece[...]
            while let newline = rest.firstIndex(of: 0x0a) {
                line += rest[rest.startIndex..<newline]
                try end()
                rest = rest[(newline + 1)...]
            }
            line += rest
            guard line.count <= limits.recordBytes.bytes else {
                throw AdvisoryError.tooLarge("line \(number) of \(path)", limit: "\(limits.recordBytes)")
            }
        }
        try end()
    }
}
