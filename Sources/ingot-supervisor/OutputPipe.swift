import CLinux
import Glibc

/// One output of the instance, from its processes to the log.
struct OutputPipe {
    let stream: OutputStream
    let reader: Int32
    /// Given to the instance, then closed here.
    private(set) var writer: Int32
    private var splitter = LineSplitter(longestLine: 16 << 10)
    private(set) var isOpen = true

    init(_ stream: OutputStream) throws(SupervisorError) {
        self.stream = stream
        var ends: [Int32] = [-1, -1]
        guard clinux_make_pipe(&ends) == 0 else { throw .systemCall("pipe2", on: "\(stream)") }
        reader = ends[0]
        // Open for reading as well (fifo(7) on Linux), so that the instance has a reader of its own
        // and gets no SIGPIPE if this process dies.
        writer = open("/proc/self/fd/\(ends[1])", O_RDWR | O_CLOEXEC)
        close(ends[1])
        guard writer >= 0 else { throw .systemCall("open", on: "\(stream)") }
        // The instance's user may open `/dev/stdout`, as many a server's log does.
        guard fchmod(writer, 0o666) == 0 else { throw .systemCall("fchmod", on: "\(stream)") }
        guard fcntl(reader, F_SETFL, O_NONBLOCK) == 0 else { throw .systemCall("fcntl", on: "\(stream)") }
    }

    mutating func closeWriter() {
        if writer >= 0 { close(writer) }
        writer = -1
    }

    /// Moves what has arrived into the log. Returns whether there was anything.
    mutating func copy(to log: inout LogWriter, through buffer: inout [UInt8]) -> Bool {
        guard isOpen else { return false }
        let count = read(reader, &buffer, buffer.count)
        if count > 0 {
            splitter.append(buffer[..<count]) { log.append($0, from: stream) }
            return true
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return false }
        finish(to: &log)
        return false
    }

    /// No more is read; an unfinished last line is written as it is.
    mutating func finish(to log: inout LogWriter) {
        guard isOpen else { return }
        splitter.finish { log.append($0, from: stream) }
        close(reader)
        isOpen = false
    }
}
