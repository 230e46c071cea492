import Glibc
import Testing

@testable import ingot_supervisor

/// The supervisor's decisions and readers, as functions over values.
@Suite("A part of the supervisor")
struct SupervisorPartTests {
    @Test("stops once, kills after the grace, and does nothing after the end")
    func lifecycle() {
        var lifecycle = Lifecycle(graceMilliseconds: 100)
        #expect(lifecycle.timePassed(at: 5) == .nothing)
        #expect(lifecycle.startSucceeded() == .nothing)
        #expect(lifecycle.stopRequested(at: 1_000) == .stop)
        #expect(lifecycle.stopRequested(at: 1_050) == .nothing)
        #expect(lifecycle.killAt == 1_100)
        #expect(lifecycle.timePassed(at: 1_099) == .nothing)
        #expect(lifecycle.timePassed(at: 1_100) == .kill)
        #expect(lifecycle.timePassed(at: 1_200) == .nothing)
        lifecycle.ended()
        #expect(lifecycle.stopRequested(at: 1_300) == .nothing)
    }

    @Test("stops an instance that was told to before it had started")
    func stopWhileStarting() {
        var lifecycle = Lifecycle(graceMilliseconds: 100)
        #expect(lifecycle.stopRequested(at: 0) == .nothing)
        #expect(lifecycle.startSucceeded() == .stop)
        var hanging = Lifecycle(graceMilliseconds: 100)
        _ = hanging.stopRequested(at: 0)
        #expect(hanging.timePassed(at: 100) == .kill)
    }

    static let words = [
        "--instance", "0badcafe", "--folder", "/i", "--runtime", "/usr/bin/crun", "--layer", "/a", "--layer", "/b", "--address", "10.1.2.3",
        "--gateway", "169.254.1.1", "--stop-signal", "15", "--grace-ms", "30000", "--log-bytes", "1000000", "--log-files", "5", "--ready-fd", "3",
    ]

    @Test("reads its command line")
    func arguments() throws {
        let arguments = try Arguments(Self.words + ["--hide-unified-cgroup"])
        #expect(arguments.instance == "0badcafe")
        #expect(arguments.layers == ["/a", "/b"])
        #expect(arguments.address.bytes == [10, 1, 2, 3])
        #expect(arguments.hidesUnifiedCgroup)
        #expect(arguments.scratchBytes == nil)
        #expect(try Arguments(Self.words + ["--scratch-bytes", "65536"]).scratchBytes == 65_536)
        #expect(throws: SupervisorError.self) { try Arguments(Self.words + ["--scratch-bytes", "much"]) }
    }

    @Test(
        "refuses a wrong command line, and names the option",
        arguments: [
            ("--instance", "0BADCAFE"), ("--folder", "relative"), ("--address", "10.0.0.256"), ("--address", "10.0.0"), ("--stop-signal", "0"),
            ("--grace-ms", "-1"), ("--log-bytes", "ten"), ("--log-files", "0"), ("--ready-fd", "2"), ("--layer", "relative"),
        ])
    func wrongArguments(option: String, value: String) throws {
        var words = Self.words
        let index = try #require(words.firstIndex(of: option))
        words[index + 1] = value
        let error = #expect(throws: SupervisorError.self) { try Arguments(words) }
        #expect(error?.message.contains(option) == true)
        words.removeSubrange(index...(index + 1))
        #expect(throws: SupervisorError.self) { try Arguments(words) }
    }

    @Test(
        "cuts output into lines",
        arguments: [
            (["a\nb\n"], ["a", "b"]), (["a", "b\nc"], ["ab", "c"]), (["\n\n"], ["", ""]), ([""], []),
            (["12345678\n"], ["12345678"]), (["123456789\n"], ["12345678", "9"]), (["12345678", "9"], ["12345678", "9"]),
            (["1234567é\n"], ["1234567", "é"]), (["éééééééé\n"], ["éééé", "éééé"]),
        ])
    func lines(pieces: [String], expected: [String]) {
        var splitter = LineSplitter(longestLine: 8)
        var lines: [String] = []
        for piece in pieces { splitter.append(Array(piece.utf8)[...]) { lines.append(String(decoding: $0, as: UTF8.self)) } }
        splitter.finish { lines.append(String(decoding: $0, as: UTF8.self)) }
        #expect(lines == expected)
    }

    @Test(
        "writes JSON strings",
        arguments: [
            (Array("a\"b\\c\n\t\r".utf8), #""a\"b\\c\n\t\r""#), ([0x1b, 0x5b], #""\u001b[""#), ([0x61, 0xff, 0x62], "\"a\u{fffd}b\""),
            (Array("é€😀".utf8), "\"é€😀\""), ([], "\"\""),
        ])
    func json(bytes: [UInt8], expected: String) {
        var text: [UInt8] = []
        JSONText.append(bytes, to: &text)
        #expect(String(decoding: text, as: UTF8.self) == expected)
    }

    @Test("writes times as RFC 3339", arguments: [(0, "1970-01-01T00:00:00.000Z"), (1_795_451_895_042, "2026-11-23T16:38:15.042Z")])
    func time(milliseconds: Int, text: String) {
        #expect(Clock.text(milliseconds) == text)
    }

    @Test("names layers of one folder from there, highest first")
    func overlay() {
        let together = OverlayLayers(["/m/a", "/m/b"])
        #expect(together.folder == "/m" && together.names == "b\0a\0")
        let apart = OverlayLayers(["/m/a:x", "/n/b,y"])
        #expect(apart.folder == "/" && apart.names == "/n/b,y\0/m/a:x\0")
        // Kernels before 6.7 take 300 layers of a store, in the 4,095 bytes of one page.
        let many = (0..<300).map { "/var/lib/ingot/store/mounts/\(100_000_000_000 + $0)" }
        #expect("lowerdir=".utf8.count + OverlayLayers(many).names.utf8.count <= 4_095)
    }

    @Test("knows a signal that the first process of a pid namespace cannot get")
    func lostSignal() {
        func status(caught: String = "0", ignored: String = "0", blocked: String = "0") -> String {
            "Name:\tx\nSigBlk:\t\(blocked)\nSigIgn:\t\(ignored)\nSigCgt:\t\(caught)\n"
        }
        #expect(SignalEffect.isLost(SIGTERM, status: status()))
        #expect(!SignalEffect.isLost(SIGTERM, status: status(caught: "0000000000004000")))
        #expect(!SignalEffect.isLost(SIGTERM, status: status(ignored: "4000")))
        #expect(!SignalEffect.isLost(SIGTERM, status: status(blocked: "4000")))
        #expect(SignalEffect.isLost(SIGTERM, status: status(caught: "2000")))
        #expect(!SignalEffect.isLost(SIGTERM, status: ""))
    }

    @Test("finds the mounts that it can let go of")
    func mounts() {
        let mountinfo = """
            27 1 254:0 / / rw,relatime - overlay overlay rw
            50 27 0:40 / /store/mounts/a ro - erofs /store/a.erofs ro
            51 27 0:41 / /store/with\\040space ro shared:1 - erofs /store/b.erofs ro
            52 27 0:42 / /instances rw - overlay overlay rw
            53 27 0:43 / /mnt rw - ext4 /dev/vdb rw
            broken
            """
        #expect(MountTable.releasable(mountinfo: mountinfo, needing: ["/instances/x"]) == ["/store/mounts/a", "/store/with space"])
    }

    @Test("reads a process's start, whatever its name is")
    func startTime() {
        let fields = (3...52).map(String.init).joined(separator: " ")
        #expect(ProcessIdentity.startTime(stat: "1 (a) b) (c) \(fields)") == 22)
        #expect(ProcessIdentity.startTime(stat: "1 (a) S 1") == nil)
        #expect(ProcessIdentity.startTime(stat: "") == nil)
    }

    @Test("counts a kill for want of memory as the end's cause only if the first process ended badly")
    func outOfMemory() {
        #expect(ExitRecord(waitStatus: SIGKILL, outOfMemory: true).outOfMemory)
        #expect(ExitRecord(waitStatus: 137 << 8, outOfMemory: true).outOfMemory)
        #expect(!ExitRecord(waitStatus: 0, outOfMemory: true).outOfMemory)
    }
}
