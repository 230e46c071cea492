import Glibc
import IngotModel

/// Where a command's answers and progress go: answers to standard output, everything else to standard error,
/// so that an answer can be piped.
struct Console: Sendable {
    let format: OutputFormat

    var answers: Renderer { Renderer(format: format, style: .forDescriptor(STDOUT_FILENO)) }
    var errors: Renderer { Renderer(format: format, style: .forDescriptor(STDERR_FILENO)) }

    func show(_ view: some View) { Self.write(answers.document(view), to: STDOUT_FILENO) }
    func stream(_ view: some View) { Self.write(answers.element(view), to: STDOUT_FILENO) }
    func show(_ failure: FailureView) { Self.write(errors.error(failure), to: STDERR_FILENO) }

    /// A remark beside the answer, for people only.
    func note(_ text: String) {
        guard format == .text else { return }
        Self.write("\(text)\n", to: STDERR_FILENO)
    }

    /// Steps that go on, shown on standard error; nothing of them when the answer is for a program.
    func progress() -> Progress {
        let style = TextStyle.forDescriptor(STDERR_FILENO)
        return Progress(style: style, isSilent: format != .text) { Self.write($0, to: STDERR_FILENO) }
    }

    /// A build, shown on standard error; nothing of it when the answer is for a program.
    ///
    /// - Throws: `CommandError` when a terminal is asked for where there is none.
    func buildDisplay(_ mode: ProgressMode) throws -> BuildDisplay {
        let isLive = errors.style.isLive
        if mode == .tty, !isLive {
            throw CommandError(
                "no-terminal", "--progress tty needs a terminal, and standard error is none", remedy: "leave it out, or say --progress plain")
        }
        let chosen: ProgressMode = format != .text ? .quiet : mode == .auto ? (isLive ? .tty : .plain) : mode
        return BuildDisplay(mode: chosen, terminal: { (.forDescriptor(STDERR_FILENO), TextStyle.terminalHeight(STDERR_FILENO)) }) {
            Self.write($0, to: STDERR_FILENO)
        }
    }

    /// Writes everything. When the reader has gone (`ingot logs --follow | head`), there is nobody left to work for.
    static func write(_ text: String, to descriptor: CInt) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                bytes = bytes.dropFirst(written)
            } else if errno == EPIPE {
                exit(0)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
            } else if errno != EINTR {
                return
            }
        }
    }
}

enum Clock {
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(millisecondsSince1970: time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
    }
}
