import IngotModel
import Synchronization
import Testing

@testable import ImageBuild
@testable import ingot

@Suite struct BuildProgressTests {
    private static let start = Timestamp(secondsSince1970: 1_000)
    private static func after(_ milliseconds: Int) -> Timestamp { Timestamp(millisecondsSince1970: 1_000_000 + milliseconds) }
    private static func id(_ stage: Int, _ instruction: Int) -> BuildStepID { BuildStepID(stage: stage, instruction: instruction) }
    private static let place = SourceLocation(file: "Dockerfile", line: 3, column: 1)

    private static func ended(_ id: BuildStepID, _ outcome: BuildStep.Outcome, _ took: Milliseconds) -> BuildEvent {
        .stepEnded(BuildStep(id: id, text: "", location: place, outcome: outcome, duration: took, layer: nil))
    }

    /// Two stages: one cached step, one that was made, one that runs and prints.
    private static let events: [(BuildEvent, Int)] = [
        (.planned(stages: [BuildStage(index: 0, name: "build", steps: 2), BuildStage(index: 1, name: "stage-1", steps: 2)]), 0),
        (.stepStarted(id(0, 0), text: "COPY . .", location: place), 10),
        (ended(id(0, 0), .cached, 2), 12),
        (.stepStarted(id(0, 1), text: "RUN make \\\n   all", location: place), 20),
        (.stepStarted(id(1, 0), text: "RUN apt-get update", location: place), 30),
        (ended(id(0, 1), .made, 1_250), 1_270),
        (.output(id(1, 0), line: "Get:1 \u{1B}[31mred"), 342),
        (.output(id(1, 0), line: "Get:2"), 500),
    ]

    private static func board(_ events: [(BuildEvent, Int)] = events) -> BuildBoard {
        var board = BuildBoard(began: start)
        for (event, time) in events { board.happened(event, at: after(time)) }
        return board
    }

    private static func plain(_ events: [(BuildEvent, Int)]) -> [String] {
        var (board, log) = (BuildBoard(began: start), PlainBuildLog())
        return events.flatMap { event, time in
            board.happened(event, at: after(time))
            return log.lines(event, board, at: after(time))
        }
    }

    private static func tree(width: Int, height: Int = 24, isWhole: Bool = false) -> [String] {
        BuildTree(style: TextStyle(isColoured: false, width: width), height: height).lines(board(), at: after(2_530), isWhole: isWhole)
    }

    @Test("the tree has a line for each step with its time at the right, and what a running one printed below it")
    func tree() {
        #expect(
            Self.tree(width: 50) == [
                "[+] Building 2.5s (2/4)",
                " => CACHED [build 1/2] COPY . .               0.0s",
                " => [build 2/2] RUN make \\ all                1.3s",
                " => [stage-1 1/2] RUN apt-get update          2.5s",
                " => => # Get:1 \u{FFFD}[31mred",
                " => => # Get:2",
            ])
    }

    @Test("where rows are few output gives way, then what has ended, and what runs stays")
    func lowTerminal() {
        #expect(Self.tree(width: 50, height: 6).count == 5)
        #expect(Self.tree(width: 50, height: 6).last == " => => # Get:2")
        #expect(Self.tree(width: 50, height: 3) == ["[+] Building 2.5s (2/4)", " => [stage-1 1/2] RUN apt-get update          2.5s"])
        #expect(Self.tree(width: 50, height: 3, isWhole: true).count == 4)
    }

    @Test("no line is wider than the terminal", arguments: [1, 5, 29, 30, 31, 40, 120])
    func narrowTerminal(width: Int) {
        let lines = Self.tree(width: width)
        #expect(lines.allSatisfy { TerminalText.columns($0) <= width }, "\(lines)")
        #expect(lines.count == (width < 30 ? 1 : 6))
    }

    @Test("a step that failed and one that was cut short by it say so")
    func failure() {
        let events: [(BuildEvent, Int)] = [
            (.planned(stages: [BuildStage(index: 0, name: "stage-0", steps: 2)]), 0),
            (.stepStarted(Self.id(0, 0), text: "RUN a", location: Self.place), 0),
            (.stepStarted(Self.id(0, 1), text: "RUN b", location: Self.place), 0),
            (.stepFailed(Self.id(0, 0), message: "RUN a failed: exit code 1; the last it printed:\n  x"), 300),
            (.stepFailed(Self.id(0, 1), message: "\(CancellationError())"), 400),
        ]
        let lines = BuildTree(style: TextStyle(isColoured: false, width: 40), height: 24).lines(Self.board(events), at: Self.after(900))
        #expect(
            lines == [
                "[+] Building 0.9s (2/2)", " => ERROR [1/2] RUN a               0.3s", " => CANCELED [2/2] RUN b            0.4s",
            ])
        #expect(Self.plain(events).contains("#1 ERROR: RUN a failed: exit code 1"))
        #expect(Self.plain(events).last == "#2 CANCELED")
    }

    @Test("plain lines belong to their step by its number, which is said again where steps mix")
    func plain() {
        #expect(
            Self.plain(Self.events) == [
                "#1 [build 1/2] COPY . .", "#1 CACHED", "", "#2 [build 2/2] RUN make \\ all", "", "#3 [stage-1 1/2] RUN apt-get update", "",
                "#2 [build 2/2] RUN make \\ all", "#2 DONE 1.3s", "", "#3 [stage-1 1/2] RUN apt-get update", "#3 0.312 Get:1 \u{FFFD}[31mred",
                "#3 0.470 Get:2",
            ])
    }

    @Test(
        "text is cut by the columns that it takes",
        arguments: [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("a\tb", 3, "a b"), ("x", 0, "")])
    func cut(text: String, width: Int, expected: String) {
        #expect(TerminalText.cut(text, to: width) == expected)
    }

    @Test("a drawing is overwritten in place, also after the terminal became narrower")
    func redraw() {
        var area = LiveArea()
        #expect(area.redraw(["ab", "\u{1B}[36mcdefgh\u{1B}[0m"], width: 10) == "ab\u{1B}[K\n\u{1B}[36mcdefgh\u{1B}[0m\u{1B}[K\n\u{1B}[J")
        #expect(area.redraw(["x"], width: 10).hasPrefix("\u{1B}[2A\r"))
        _ = area.redraw(["ab", "\u{1B}[36mcdefgh\u{1B}[0m"], width: 10)
        #expect(area.redraw(["x"], width: 4).hasPrefix("\u{1B}[3A\r"), "the second line takes two rows of 4 columns")
        area.keep()
        #expect(area.redraw(["y"], width: 4) == "y\u{1B}[K\n\u{1B}[J")
    }

    @Test("a display shows nothing when it is quiet, and ends with all steps and the warnings on a terminal")
    func display() {
        let written = Mutex("")
        func show(_ mode: ProgressMode) -> String {
            written.withLock { $0 = "" }
            let display = BuildDisplay(mode: mode, terminal: { (TextStyle(isColoured: false, width: 60), 24) }, now: Self.start) { text in
                written.withLock { $0 += text }
            }
            for (event, _) in Self.events { display.happened(event) }
            display.happened(.warning(Diagnostic(.warning, at: Self.place, "stage names differ in case")))
            display.finish()
            return written.withLock { $0 }
        }
        #expect(show(.quiet).isEmpty)
        #expect(show(.plain).contains("\n#2 DONE 1.3s\n"))
        #expect(show(.tty).hasSuffix("\n1 warning:\nDockerfile:3:1: warning: stage names differ in case\n"))
    }

    @Test("an excerpt shows the lines around a mistake, numbered, with the caret under its place")
    func excerpt() {
        let source = (1...12).map { "line \($0)" }.joined(separator: "\n") + "\n"
        func lines(_ line: Int, _ column: Int) -> [String] {
            SourceExcerpt(source: source, location: SourceLocation(file: "f", line: line, column: column), around: 2).lines(.plain, .red)
        }
        #expect(lines(9, 6) == ["   7 | line 7", "   8 | line 8", ">  9 | line 9", "     |      ^", "  10 | line 10", "  11 | line 11"])
        #expect(lines(12, 1) == ["  10 | line 10", "  11 | line 11", "> 12 | line 12", "     | ^"])
        #expect(lines(1, 1).first == "> 1 | line 1")
        #expect(lines(40, 1).isEmpty)
    }
}
