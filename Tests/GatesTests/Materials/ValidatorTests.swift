import Foundation
import Glibc
import IngotModel
import Testing

@testable import Gates

/// The documents against the validators that those who made the formats publish: `pip install cyclonedx-python-lib[validation] spdx-tools`.
@Suite("Bills of materials and official validators") struct ValidatorTests {
    /// A Python that has them: `INGOT_TEST_PYTHON`, or the one on the path.
    private static let python = ProcessInfo.processInfo.environment["INGOT_TEST_PYTHON"] ?? "python3"
    private static let hasValidators = (try? run("import cyclonedx.validation.json, jsonschema, spdx_tools", []))?.code == 0

    private static func run(_ script: String, _ arguments: [String]) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-c", script] + arguments
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

    @Test(
        "CycloneDX's validator takes what we write",
        .enabled(if: hasValidators, "SKIPPED: no validators; set INGOT_TEST_PYTHON to a Python that has them"))
    func cyclonedx() throws {
        let script = """
            import sys
            from cyclonedx.schema import SchemaVersion
            from cyclonedx.validation.json import JsonStrictValidator
            error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
            sys.exit(str(error) if error else 0)
            """
        try check(.cyclonedx, script)
    }

    @Test(
        "SPDX's validator takes what we write", .enabled(if: hasValidators, "SKIPPED: no validators; set INGOT_TEST_PYTHON to a Python that has them")
    )
    func spdx() throws {
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
        let path = "/tmp/ingot-gates-\(getpid())-\(UInt64.random(in: .min ... .max)).\(document == .spdx ? "spdx" : "cdx").json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = try document.write(Self.bill(), name: "guestbook", created: "2026-11-26T12:00:00.5Z")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let (code, output) = try Self.run(script, [path])
        #expect(code == 0, "\(output)")
    }
}
