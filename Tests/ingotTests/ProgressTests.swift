import IngotModel
import Synchronization
import Testing

@testable import ingot

@Suite struct ProgressTests {
    private final class Written: Sendable {
        let text = Mutex("")
    }

    private func progress(_ style: TextStyle, isSilent: Bool = false) -> (Progress, Written) {
        let written = Written()
        return (Progress(style: style, isSilent: isSilent) { text in written.text.withLock { $0 += text } }, written)
    }

    @Test("where there is no terminal each step is a plain line when it begins and when it ends")
    func plain() {
        let (progress, written) = progress(.plain)
        progress.start("1", "RUN make")
        progress.say(at: 1_250, "COPY . .")
        progress.start("w", "waiting", isAnnounced: false)
        progress.finish()
        #expect(written.text.withLock { $0 } == "RUN make\n   1.25 s  COPY . .\n")
    }

    @Test("for programs nothing is written")
    func silent() {
        let (progress, written) = progress(.plain, isSilent: true)
        progress.start("1", "RUN make")
        progress.end("1", "RUN make")
        #expect(written.text.withLock { $0.isEmpty })
    }

    @Test("running steps are drawn with their times, cut to the terminal's width")
    func frame() {
        var board = ProgressBoard()
        let start = Timestamp(secondsSince1970: 100)
        board.start("a", "RUN make", at: start)
        board.start("b", String(repeating: "x", count: 50), at: start)
        let style = TextStyle(isColoured: false, width: 30)
        #expect(
            board.frame(at: Timestamp(millisecondsSince1970: 100_300), style) == [
                "   300 ms  RUN make", "   300 ms  " + String(repeating: "x", count: 16) + "…",
            ])
        #expect(board.end("a", at: Timestamp(secondsSince1970: 102)) == 2_000)
        #expect(board.end("a", at: Timestamp(secondsSince1970: 102)) == nil)
        board.keep(only: [])
        #expect(board.frame(at: start, style).isEmpty)
    }
}
