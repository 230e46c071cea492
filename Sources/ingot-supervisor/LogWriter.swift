import Glibc

/// Which of the two outputs a line came from.
enum OutputStream: String, CaseIterable { case stdout, stderr }

/// Writes an instance's output to `current.jsonl`, one JSON object a line:
/// `{"at":"2026-11-23T16:18:15.042Z","instance":"0badcafe","stream":"stdout","line":"…"}`.
///
/// A full file becomes `current.jsonl.1`, that one `.2`, and so on; the oldest is removed. A full disk
/// never holds the instance up: lines are lost then, and how many is written when there is room again.
struct LogWriter {
    let path: String
    let instance: String
    let fileLimit: Int
    let fileCount: Int

    private var file: Int32 = -1
    private var fileSize = 0
    private var pending: [UInt8] = []
    private var pendingLines = 0
    private var lostLines = 0
    private var timeText = ""

    init(folder: String, instance: String, fileLimit: Int, fileCount: Int) throws(SupervisorError) {
        path = "\(folder)/current.jsonl"
        self.instance = instance
        self.fileLimit = fileLimit
        self.fileCount = fileCount
        if mkdir(folder, 0o700) < 0, errno != EEXIST { throw .systemCall("mkdir", on: folder) }
        guard openFile() else { throw .systemCall("open", on: path) }
    }

    /// Gives the lines appended from now on this time.
    mutating func setTime(_ milliseconds: Int) { timeText = Clock.text(milliseconds) }

    /// Takes a line; it is written by `flush`, or before if it would not fit into the file.
    mutating func append(_ line: ArraySlice<UInt8>, from stream: OutputStream) {
        var record = Array("{\"at\":\"\(timeText)\",\"instance\":\"\(instance)\",\"stream\":\"\(stream)\",\"line\":".utf8)
        record.reserveCapacity(record.count + line.count + 16)
        JSONText.append(line, to: &record)
        record += [UInt8(ascii: "}"), UInt8(ascii: "\n")]
        if fileSize + pending.count + record.count > fileLimit, fileSize + pending.count > 0 {
            flush()
            rotate()
        }
        pending += record
        pendingLines += 1
    }

    mutating func flush() {
        guard !pending.isEmpty else { return }
        if file < 0 { _ = openFile() }
        if file >= 0, SmallFile.writeAll(pending, to: file) {
            fileSize += pending.count
        } else {
            lostLines += pendingLines
            endBrokenLine()
        }
        pending.removeAll(keepingCapacity: true)
        pendingLines = 0
    }

    /// Says how many lines were lost, once; to be called before lines are appended.
    mutating func reportLoss() {
        guard lostLines > 0 else { return }
        let text = "ingot: \(lostLines) lines of output could not be written to the log and are lost"
        let before = lostLines
        lostLines = 0
        append(Array(text.utf8)[...], from: .stderr)
        flush()
        // Not written either: all of them are still to be told of, and this line does not count.
        if lostLines > 0 { lostLines = before }
    }

    mutating func close() {
        flush()
        if file >= 0 { Glibc.close(file) }
        file = -1
    }

    private mutating func openFile() -> Bool {
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        fileSize = max(0, Int(lseek(file, 0, SEEK_END)))
        return true
    }

    private mutating func rotate() {
        if file >= 0 { Glibc.close(file) }
        for number in stride(from: fileCount - 2, through: 1, by: -1) { rename("\(path).\(number)", "\(path).\(number + 1)") }
        if fileCount > 1 { rename(path, "\(path).1") } else { unlink(path) }
        _ = openFile()
    }

    /// A write that ended in the middle leaves a broken line: cut it off, so that every line can be read.
    private func endBrokenLine() {
        if file >= 0 { ftruncate(file, fileSize) }
    }
}
