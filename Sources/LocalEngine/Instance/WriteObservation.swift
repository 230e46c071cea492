import ContainerRuntime
import Glibc
import IngotModel
import SystemPackage

/// What an instance had written, and was seen to run, at one moment.
struct WriteObservation: Sendable {
    /// Of the layer over its root: what a read-only root would have refused.
    var root = FolderScan()
    /// Of its places in memory.
    var writable = FolderScan()
    var programs: Set<String> = []

    /// Adds the programs that it runs at this moment.
    mutating func sawPrograms(of instance: InstanceID) {
        for pid in ControlGroup.instance(instance.text).processes() where programs.count < WriteRecord.keptPrograms {
            if let command = Self.command(of: pid) { programs.insert(command) }
        }
    }

    private static func command(of pid: Int32) -> String? {
        guard let text = SystemFile.text(FilePath("/proc/\(pid)/cmdline"), limit: .mebibytes(3)) else { return nil }
        let words = kept(text.split(separator: "\0").prefix(4).map(String.init)).joined(separator: " ")
        return words.isEmpty ? nil : String(words.prefix(FolderScan.nameLength))
    }

    /// The program, and what it is told to do: three words, of a module that Python runs one more. What comes after them may be anybody's
    /// business, and so may the value of an option; not an address of its own that it asks.
    static func kept(_ words: [String]) -> ArraySlice<String> {
        guard words.count > 2 else { return words[...] }
        if words[1] == "-m", words[0].contains("python") { return words.prefix(4) }
        let isOwnAddress = ["http://localhost", "http://127.", "http://[::1]"].contains { words[2].hasPrefix($0) }
        return words.prefix(words[1].hasPrefix("-") && !isOwnAddress ? 2 : 3)
    }

    /// What the two moments together say: the first when the instance got ready, the second later. Pure.
    static func record(ready: WriteObservation, now: WriteObservation) -> WriteRecord {
        let paths = paths(ready.root, now.root, .root) + paths(ready.writable, now.writable, .writable)
        let kept = paths.sorted { $0.path < $1.path }.prefix(WriteRecord.keptPaths)
        let later = now.programs.subtracting(ready.programs)
        let programs =
            ready.programs.sorted().map { WriteRecord.Program(command: $0, moment: .start) }
            + later.sorted().map { WriteRecord.Program(command: $0, moment: .service) }
        // A scan that was cut has at least one more.
        let unseen = now.root.isCut || now.writable.isCut ? 1 : 0
        return WriteRecord(
            paths: Array(kept), omittedPaths: paths.count - kept.count + unseen, programs: Array(programs.prefix(WriteRecord.keptPrograms)))
    }

    private static func paths(_ ready: FolderScan, _ now: FolderScan, _ place: WriteRecord.Path.Place) -> [WriteRecord.Path] {
        Set(ready.entries.keys).union(now.entries.keys).compactMap { path in
            let (before, after) = (ready.entries[path], now.entries[path])
            guard let entry = after ?? before else { return nil }
            // What is gone by now was there when it got ready: it was written before, and removed after.
            let isLater = before != after
            return WriteRecord.Path(
                path: path, place: place, kind: entry.kind, bytes: entry.bytes,
                moments: (before == nil ? [] : [.start]) + (isLater ? [.service] : []))
        }
    }
}
