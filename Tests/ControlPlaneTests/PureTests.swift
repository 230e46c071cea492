import API
import Foundation
import Glibc
import IngotModel
import Logging
import Rollout
import Testing

@testable import ControlPlane

@Suite("Decisions of the control plane that are pure")
struct PureTests {
    static func record(_ kind: String, _ release: Int, from: Int?, _ result: RolloutRecord.Result = .succeeded) -> RolloutRecord {
        RolloutRecord(
            number: Generation(1), kind: kind, release: ReleaseNumber(release), from: from.map { ReleaseNumber($0) }, image: imageDigest(1),
            commit: nil, acceptedAt: Timestamp(secondsSince1970: 0), endedAt: Timestamp(secondsSince1970: 0), result: result, reason: nil,
            proof: RolloutProof(), steps: [], requestedBy: "user:root")
    }

    /// Histories are written oldest first, and read newest first.
    static let histories: [(what: String, history: [RolloutRecord], serving: Int, choice: Int?)] = [
        ("nothing before", [record("deploy", 1, from: nil)], 1, nil),
        ("the one before", [record("deploy", 1, from: nil), record("deploy", 2, from: 1)], 2, 1),
        ("not one that returned", [record("deploy", 1, from: nil), record("deploy", 2, from: 1, .returned), record("deploy", 3, from: 1)], 3, 1),
        (
            "not one that was rolled back from", [record("deploy", 1, from: nil), record("deploy", 2, from: 1), record("rollback", 1, from: 2)], 1,
            nil
        ),
        (
            "twice goes two back",
            [record("deploy", 1, from: nil), record("deploy", 2, from: 1), record("deploy", 3, from: 2), record("rollback", 2, from: 3)], 2, 1
        ),
        (
            "one that was deployed again after it was rolled back from",
            [
                record("deploy", 1, from: nil), record("deploy", 2, from: 1), record("rollback", 1, from: 2), record("deploy", 2, from: 1),
                record("deploy", 3, from: 2),
            ], 3, 2
        ),
        (
            "forward after an old one was deployed", [record("deploy", 1, from: nil), record("deploy", 2, from: 1), record("deploy", 1, from: 2)], 1,
            2
        ),
    ]

    @Test("a rollback without a name goes to the last good release before the present one", arguments: histories)
    func rollback(_ example: (what: String, history: [RolloutRecord], serving: Int, choice: Int?)) throws {
        let json =
            #"{"serving": \#(example.serving), "retiring": [], "target": {"generation": 0, "sizes": [], "split": [], "draining": [], "cutting": []}}"#
        let state = try CanonicalJSON.value(EnvironmentState.self, from: json)
        #expect(
            RollbackChoice.release(state: state, history: example.history.reversed()) == example.choice.map { ReleaseNumber($0) }, "\(example.what)")
    }

    @Test("pauses between tries grow up to a limit", arguments: [(1, 100), (2, 200), (3, 400), (7, 5_000), (1_000_000, 5_000)])
    func pauses(_ failures: Int, _ milliseconds: Int) {
        #expect(RetryPause.after(failures: failures) == Milliseconds(milliseconds))
    }

    @Test("metrics escape what a label must not hold")
    func prometheus() {
        var text = PrometheusText()
        text.add("a_total", .counter, "Some\nhelp.", [([("name", "a\"b\\c\nd")], 3), ([], 0.5)])
        text.add("b", .gauge, "Nothing.", [])
        #expect(text.text == "# HELP a_total Some\\nhelp.\n# TYPE a_total counter\na_total{name=\"a\\\"b\\\\c\\nd\"} 3\na_total 0.5\n")
    }

    @Test(
        "a log entry is one line whatever is logged",
        arguments: [
            ("plain", "plain"), ("", "\"\""), ("two words", "\"two words\""), ("a\nb", "\"a\\nb\""), ("a=\"b\"", "\"a=\\\"b\\\"\""),
            ("\u{1B}[0m", "\"\\u{1b}[0m\""),
        ])
    func logfmt(_ text: String, _ quoted: String) {
        #expect(LogfmtHandler.quoted(text) == quoted)
    }

    @Test("a secret's version says nothing of its value, is the same for the same value, and finds changes")
    func vault() throws {
        let folder = try TemporaryFolder()
        let vault = try SecretVault(folder: "\(folder.path)/secrets")
        let version = try vault.keep([1, 2, 3])
        #expect(try vault.keep([1, 2, 3]) == version)
        #expect(try SecretVault(folder: "\(folder.path)/secrets").value(of: version) == [1, 2, 3])
        #expect(try SecretVault(folder: "\(folder.path)/others").keep([1, 2, 3]) != version)
        try PrivateFile.write([9], to: version.hex, in: "\(folder.path)/secrets")
        let changed = #expect(throws: ControlError.self) { try vault.value(of: version) }
        #expect(changed?.code == "control.secret-changed")
        // Its remedy is to read the secret anew.
        #expect(try vault.keep([1, 2, 3]) == version)
        #expect(try vault.value(of: version) == [1, 2, 3])
        #expect(try vault.removeAll(except: []) == 1)
        let error = #expect(throws: ControlError.self) { try vault.value(of: version) }
        #expect(error?.code == "control.secret-missing")
    }

    @Test("a folder of secrets that was put back is closed to others, its keys must be, and what was left half written goes")
    func restoredVault() throws {
        let folder = try TemporaryFolder()
        let place = "\(folder.path)/secrets"
        let version = try SecretVault(folder: place).keep([1, 2, 3])
        #expect(chmod(place, 0o755) == 0)
        for name in [".abc.12.345", ".\(version.hex).1.2", ".keep", "note.1.2"] {
            #expect(FileManager.default.createFile(atPath: "\(place)/\(name)", contents: Data("x".utf8)))
        }
        #expect(try SecretVault(folder: place).value(of: version) == [1, 2, 3])
        #expect(try FileManager.default.attributesOfItem(atPath: place)[.posixPermissions] as? Int == 0o700)
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: place)) == [".keep", "note.1.2", "key", "sealing.key", version.hex])
        for key in ["key", "sealing.key"] {
            #expect(chmod("\(place)/\(key)", 0o640) == 0)
            let error = #expect(throws: ControlError.self) { try SecretVault(folder: place) }
            #expect(error?.code == "control.key-readable-by-others" && error?.message.contains(key) == true)
            #expect(chmod("\(place)/\(key)", 0o600) == 0)
        }
    }
}
