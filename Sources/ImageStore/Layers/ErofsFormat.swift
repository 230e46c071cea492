internal import IngotModel

/// The bytes of EROFS: superblock, inodes, folders, extended attributes.
///
/// Source: Linux, `fs/erofs/erofs_fs.h` and Documentation/filesystems/erofs.rst. All numbers are little-endian.
enum ErofsFormat {
    static let blockLength = 4096
    static let blockBits: UInt8 = 12
    static let slotLength = 32
    static let magic: UInt32 = 0xE0F5_E1E2
    static let superblockOffset = 1024

    /// Where the content of an inode is: in blocks, or with its last part right behind the inode.
    enum Layout: UInt16 {
        case plain = 0
        case inline = 2
    }

    static let uuidOffset = superblockOffset + 48
    static let uuidLength = 16

    /// What stands in the place of an image's own UUID while its digest is taken, from which the UUID is then made. Images written
    /// before each had its own have it on the disk, and the same digest.
    static let commonUUID: [UInt8] = Array("ingot image form".utf8)

    /// An image's own UUID: overlay tells lower layers apart by it, and keeps hard links together only where all differ.
    /// Source: RFC 9562, 5.8, version 8.
    static func uuid(of digest: Digest) -> [UInt8] {
        var bytes = digest.hex.utf8.prefix(2 * uuidLength).map { $0 >= UInt8(ascii: "a") ? $0 - UInt8(ascii: "a") + 10 : $0 - UInt8(ascii: "0") }
        bytes = stride(from: 0, to: bytes.count, by: 2).map { bytes[$0] << 4 | bytes[$0 + 1] }
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        return bytes
    }

    static func blocks(_ bytes: Int) -> Int { (bytes + blockLength - 1) / blockLength }
    static func aligned(_ count: Int, to unit: Int) -> Int { (count + unit - 1) / unit * unit }

    // MARK: Superblock

    struct Superblock {
        var rootNumber: UInt16
        var inodeCount: UInt64
        var blocks: UInt32
        var metadataBlock: UInt32
    }

    /// The first block of an image, with the common UUID. Feature bits: a checksum of the superblock, times of modification.
    static func block(of superblock: Superblock) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: superblockOffset)
        block.append(magic)
        block.append(UInt32(0))
        block.append(UInt32(0x1 | 0x2))
        block += [blockBits, 0]
        block.append(superblock.rootNumber)
        block.append(superblock.inodeCount)
        block.append(UInt64(0))
        block.append(UInt32(0))
        block.append(superblock.blocks)
        block.append(superblock.metadataBlock)
        block.append(UInt32(0))
        block += [UInt8](repeating: 0, count: blockLength - block.count)
        return self.block(block, with: commonUUID)
    }

    /// A first block with another UUID, and the checksum that belongs to it.
    static func block(_ block: [UInt8], with uuid: [UInt8]) -> [UInt8] {
        var block = block
        block.replaceSubrange(uuidOffset..<(uuidOffset + uuidLength), with: uuid)
        let place = (superblockOffset + 4)..<(superblockOffset + 8)
        block.replaceSubrange(place, with: [0, 0, 0, 0])
        let checksum = checksum(block[superblockOffset...])
        block.replaceSubrange(place, with: (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * UInt32($0))) })
        return block
    }

    static func uuid(inBlock block: [UInt8]) -> [UInt8] { Array(block[uuidOffset..<(uuidOffset + uuidLength)]) }

    /// CRC-32C without the final inversion, as the kernel computes it.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        return crc
    }

    // MARK: Inodes

    struct Inode {
        var isExtended: Bool
        var layout: Layout
        var attributeLength: Int
        /// Type and permissions, as in `st_mode`.
        var mode: UInt16
        var size: Int
        /// The first block of the content, or the device's number.
        var location: UInt32
        var number: UInt32
        var userID: UInt32
        var groupID: UInt32
        var modified: Int64
        var linkCount: UInt32

        var length: Int { isExtended ? 64 : 32 }

        func bytes() -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(length)
            bytes.append((isExtended ? 1 : 0) | layout.rawValue << 1)
            bytes.append(attributeLength == 0 ? UInt16(0) : UInt16(truncatingIfNeeded: (attributeLength - 12) / 4 + 1))
            bytes.append(mode)
            if isExtended { appendExtended(to: &bytes) } else { appendCompact(to: &bytes) }
            return bytes
        }

        private func appendCompact(to bytes: inout [UInt8]) {
            bytes.append(UInt16(truncatingIfNeeded: linkCount))
            bytes.append(UInt32(truncatingIfNeeded: size))
            bytes.append(UInt32(0))
            bytes.append(location)
            bytes.append(number)
            bytes.append(UInt16(truncatingIfNeeded: userID))
            bytes.append(UInt16(truncatingIfNeeded: groupID))
            bytes.append(UInt32(0))
        }

        private func appendExtended(to bytes: inout [UInt8]) {
            bytes.append(UInt16(0))
            bytes.append(UInt64(truncatingIfNeeded: size))
            bytes.append(location)
            bytes.append(number)
            bytes.append(userID)
            bytes.append(groupID)
            bytes.append(UInt64(bitPattern: modified))
            bytes.append(UInt32(0))
            bytes.append(linkCount)
            bytes += [UInt8](repeating: 0, count: 16)
        }

        /// Whether the short form can say all of it: its time is that of the image's making, which is 0.
        static func fitsCompact(_ metadata: FileMetadata, size: Int, linkCount: Int) -> Bool {
            metadata.modified.seconds == 0 && metadata.userID <= UInt16.max && metadata.groupID <= UInt16.max
                && linkCount <= UInt16.max && size <= UInt32.max
        }
    }

    /// Source: `include/linux/kdev_t.h`, new_encode_dev.
    static func encoded(_ device: DeviceNumber) -> UInt32 {
        device.minor & 0xff | device.major << 8 | (device.minor & ~0xff) << 12
    }

    // MARK: Extended attributes

    private static let attributePrefixes: [(prefix: String, index: UInt8)] = [
        ("system.posix_acl_access", 2), ("system.posix_acl_default", 3), ("user.", 1), ("trusted.", 4), ("security.", 6),
    ]

    /// The attributes as they stand behind an inode; empty when there are none.
    static func attributes(_ attributes: [String: [UInt8]]) -> [UInt8] {
        var entries: [UInt8] = []
        for (name, value) in attributes.sorted(by: { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }) {
            guard let (prefix, index) = attributePrefixes.first(where: { name.hasPrefix($0.prefix) }), value.count <= UInt16.max else { continue }
            let rest = Array(name.utf8.dropFirst(prefix.utf8.count))
            guard rest.count <= UInt8.max else { continue }
            entries += [UInt8(rest.count), index]
            entries.append(UInt16(value.count))
            entries += rest + value
            entries += [UInt8](repeating: 0, count: aligned(entries.count, to: 4) - entries.count)
        }
        return entries.isEmpty ? [] : [UInt8](repeating: 0, count: 12) + entries
    }

    // MARK: Folders

    struct FolderEntry {
        var name: [UInt8]
        var number: UInt64
        var kind: UInt8
    }

    static let entryLength = 12

    /// How many bytes a folder has whose names, in order, are as long as these.
    static func folderSize(nameLengths: some Sequence<Int>) -> Int {
        var full = 0
        var used = 0
        for length in nameLengths {
            if used + entryLength + length > blockLength {
                full += blockLength
                used = 0
            }
            used += entryLength + length
        }
        return full + used
    }

    /// The blocks of a folder, whose entries are in the order of names, `.` and `..` among them. The last is not padded.
    static func folder(_ entries: [FolderEntry]) -> [UInt8] {
        var bytes: [UInt8] = []
        var start = 0
        while start < entries.count {
            var end = start
            var used = 0
            while end < entries.count, used + entryLength + entries[end].name.count <= blockLength {
                used += entryLength + entries[end].name.count
                end += 1
            }
            bytes += [UInt8](repeating: 0, count: aligned(bytes.count, to: blockLength) - bytes.count)
            appendBlock(of: entries[start..<end], to: &bytes)
            start = end
        }
        return bytes
    }

    private static func appendBlock(of entries: ArraySlice<FolderEntry>, to bytes: inout [UInt8]) {
        var nameOffset = entries.count * entryLength
        for entry in entries {
            bytes.append(entry.number)
            bytes.append(UInt16(truncatingIfNeeded: nameOffset))
            bytes += [entry.kind, 0]
            nameOffset += entry.name.count
        }
        for entry in entries { bytes += entry.name }
    }
}

extension [UInt8] {
    mutating func append<Number: FixedWidthInteger>(_ number: Number) where Number: UnsignedInteger {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}
