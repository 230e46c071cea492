import Engine
import FoundationEssentials
import Glibc
import IngotModel
import SystemPackage

/// Reads an instance's output across the files it is rotated through: `current.jsonl`, before it `current.jsonl.1`, `.2` …
///
/// It remembers the file by its inode and the place in it, so that a rotation between two readings loses and repeats
/// nothing, unless the file itself was removed meanwhile.
struct LogFolder: Sendable {
    let path: FilePath
    private var inode: ino_t?
    private var offset = 0

    init(_ path: FilePath) { self.path = path }

    /// The whole lines that were written since the last call, oldest first.
    mutating func read() -> [LogRecord] {
        var records: [LogRecord] = []
        let files = open()
        defer { files.forEach { close($0.descriptor) } }
        let start = files.firstIndex { $0.inode == inode } ?? 0
        for file in files[min(start, files.count)...] {
            if file.inode != inode { (inode, offset) = (file.inode, 0) }
            records += lines(of: file.descriptor)
        }
        return records
    }

    /// The files, oldest first. Opened before they are looked at: a rotation meanwhile moves names, not descriptors.
    private func open() -> [(descriptor: Int32, inode: ino_t)] {
        let names = ["current.jsonl"] + (1...EngineLimits.logFiles).map { "current.jsonl.\($0)" }
        var files: [(descriptor: Int32, inode: ino_t)] = []
        for name in names {
            let descriptor = Glibc.open(path.appending(name).string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            var information = stat()
            guard fstat(descriptor, &information) == 0, !files.contains(where: { $0.inode == information.st_ino }) else {
                close(descriptor)
                continue
            }
            files.append((descriptor, information.st_ino))
        }
        return files.reversed()
    }

    private mutating func lines(of descriptor: Int32) -> [LogRecord] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < EngineLimits.logFileSize.bytes * 2 {
            let count = pread(descriptor, &chunk, chunk.count, off_t(offset + bytes.count))
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        offset += end + 1
        let decoder = JSONDecoder()
        // A line that a crash cut short is not a record, and is passed over.
        return bytes[...end].split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(LogRecord.self, from: Data($0)) }
    }
}
