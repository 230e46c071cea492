import Foundation
import Glibc
import IngotModel
import Testing

@testable import Gates

/// A Python that has the validators.
enum Validators {
    /// Where `scripts/setup test` puts them.
    private static let installed: String = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent(".build/validators/bin/python3").path
    }()
    private static let named = ProcessInfo.processInfo.environment["INGOT_TEST_PYTHON"]
    /// Once they were set up they must work: what is broken then is a failure, not skipped.
    static let areSetUp = named != nil || FileManager.default.fileExists(atPath: installed)
    static let python = named ?? installed
}

/// The documents against the validators that those who made the formats publish.
@Suite(
    "Bills of materials and official validators",
    .enabled(if: Validators.areSetUp, "SKIPPED: no validators; `scripts/setup test` installs them, or INGOT_TEST_PYTHON names a Python"))
struct ValidatorTests {
    private static func run(_ script: String, _ arguments: [String]) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [Validators.python, "-c", script] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// Everything that is written differently: licences that SPDX knows and doesn't, sources, characters that addresses escape, a problem.
    static func bill() throws -> BillOfMaterials {
        let layer = try #require(Digest(hex: String(repeating: "a", count: 64)))
        let place = Package.Location(layer: layer, path: "/var/lib/dpkg/status")
        return BillOfMaterials(
            image: try #require(Digest(hex: String(repeating: "b", count: 64))),
            distribution: Distribution(id: "debian", versionID: "12", codename: "bookworm", name: "Debian GNU/Linux 12"),
            packages: [
                Package(
                    ecosystem: .debian, name: "libstdc++6", version: "12.2.0-14", source: .init(name: "gcc-12", version: "12.2.0-14"),
                    architecture: "amd64", locations: [place]),
                Package(ecosystem: .alpine, name: "musl", version: "1.2-r0", licenses: ["MIT"], locations: [place]),
                Package(ecosystem: .alpine, name: "zlib", version: "1.2-r0", licenses: ["Zlib AND (whatever)"], locations: [place, place]),
                Package(ecosystem: .npm, name: "@scope/name", version: "1.0.0-rc.1+x", locations: [place]),
                Package(ecosystem: .maven, name: "org.x:größe", version: "1.0", locations: [place]),
            ], problems: [.init(layer: layer, path: "/x", message: "it is broken")])
    }

    /// One with nothing in it too.
    static func bills() throws -> [BillOfMaterials] { [try bill(), BillOfMaterials(image: try bill().image)] }

    @Test("CycloneDX's validator takes what we write, and refuses what is none") func cyclonedx() throws {
        let script = """
            import sys
            from cyclonedx.schema import SchemaVersion
            from cyclonedx.validation.json import JsonStrictValidator
            error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
            sys.exit(str(error) if error else 0)
            """
        try check(.cyclonedx, script)
    }

    @Test("SPDX's validator takes what we write, and refuses what is none") func spdx() throws {
        let script = """
            import sys
            from spdx_tools.spdx.parser.parse_anything import parse_file
            from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
            messages = validate_full_spdx_document(parse_file(sys.argv[1]))
            sys.exit("\\n".join(m.validation_message for m in messages) if messages else 0)
            """
        try check(.spdx, script)
    }

    private func check(_ document: BillDocument, _ script: String) throws {
        for bill in try Self.bills() {
            for created in ["2026-11-26T12:00:00.5Z", nil] {
                let written = try document.write(bill, name: "guestbook", created: created)
                let (code, output) = try validate(written, document, script)
                #expect(code == 0, "\(output)")
            }
        }
        // That a validator says yes means something only when it also says no.
        let broken = String(decoding: try document.write(Self.bill(), name: "guestbook", created: nil), as: UTF8.self)
            .replacing("\"name\"", with: "\"nome\"")
        #expect(try validate(Array(broken.utf8), document, script).code != 0)
    }

    private func validate(_ bytes: [UInt8], _ document: BillDocument, _ script: String) throws -> (code: Int32, output: String) {
        let path = "/tmp/ingot-gates-\(getpid())-\(UInt64.random(in: .min ... .max)).\(document == .spdx ? "spdx" : "cdx").json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try Self.run(script, [path])
    }
}
