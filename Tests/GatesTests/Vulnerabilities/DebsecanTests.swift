import Foundation
import IngotModel
import SystemPackage
import Testing

@testable import Gates

/// Debian's own tool, on the same data. `INGOT_DEBSECAN` names it where it is not installed.
@Suite(
    "Findings for Debian are those of debsecan",
    .enabled(if: Debsecan.isThere && PublishedData.exists("debian"), "SKIPPED: debsecan is not installed, or there are no published fixes"))
struct DebsecanTests {
    @Test("on real systems, and on one that has every package that was mended, just before, at and after the fix")
    func oracle() throws {
        let folder = try AdvisoryFolder()
        let rows = try Debsecan.rows()
        try Debsecan.writeRelease(rows, folder)
        try folder.add(.debian, Debsecan.tracker(rows), as: "tracker.json")
        let index = try folder.open()
        let files = ["claircore-debian-only", "claircore-texlive", "scalibr-valid"].map {
            FilePath(PublishedData.folder.appending(path: "dpkg/\($0).status").path)
        }
        var found = 0
        for status in files + [try folder.write(Debsecan.status(rows), as: "status")] {
            let ours = try findings(StatusFile.packages(status), index)
            let theirs = try Debsecan.run(status, folder)
            #expect(
                ours == theirs,
                "\(status.lastComponent?.string ?? ""): only ours \(ours.subtracting(theirs).prefix(5)), only debsecan's \(theirs.subtracting(ours).prefix(5))"
            )
            found += theirs.count
        }
        #expect(found > 2_001)
    }

    /// `CVE package`, as debsecan prints it.
    private func findings(_ packages: [Package], _ index: AdvisoryIndex) throws -> Set<String> {
        let bill = BillOfMaterials(image: BillOfMaterials.digest, distribution: Distribution(id: "debian", versionID: "11"), packages: packages)
        let report = try VulnerabilityGate.judge(bill, against: index, policy: VulnerabilityPolicy(), at: .test)
        return Set(report.findings.flatMap { finding in finding.packages.map { "\(finding.id) \($0)" } })
    }
}

/// The fields of dpkg's records that decide something here.
enum StatusFile {
    static func packages(_ path: FilePath) throws -> [Package] {
        try String(contentsOfFile: path.string, encoding: .utf8).components(separatedBy: "\n\n").compactMap { record in
            var fields: [String: String] = [:]
            for line in record.split(separator: "\n") where line.first?.isWhitespace == false {
                guard let colon = line.firstIndex(of: ":") else { continue }
                fields[String(line[..<colon])] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
            guard let name = fields["Package"], let version = fields["Version"], fields["Status"]?.split(separator: " ").contains("installed") == true
            else { return nil }
            let source = (fields["Source"] ?? name).split(separator: " ").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "()")) }
            return Package(
                ecosystem: .debian, name: name, version: version, source: .init(name: source[0], version: source.count > 1 ? source[1] : version))
        }
    }
}

enum Debsecan {
    static let path = ProcessInfo.processInfo.environment["INGOT_DEBSECAN"] ?? "/usr/bin/debsecan"
    static var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    static func rows() throws -> [[String]] {
        try JSONDecoder().decode([[String]].self, from: Data(contentsOf: PublishedData.folder.appending(path: "debian/fixed-bullseye.json")))
    }

    static func tracker(_ rows: [[String]]) throws -> String {
        var tracker: [String: [String: [String: [String: [String: String]]]]] = [:]
        for row in rows { tracker[row[0], default: [:]][row[1]] = ["releases": ["bullseye": ["status": "resolved", "fixed_version": row[2]]]] }
        return String(decoding: try JSONEncoder().encode(tracker), as: UTF8.self)
    }

    /// Each mended source as three packages.
    static func status(_ rows: [[String]]) -> String {
        rows.enumerated().flatMap { number, row in
            ["\(row[2])~", row[2], "\(row[2])+b1"].enumerated().map { kind, version in
                "Package: p\(number)-\(kind)\nStatus: install ok installed\nSource: \(row[0]) (\(version))\nVersion: \(version)\nArchitecture: amd64\n"
            }
        }.joined(separator: "\n")
    }

    /// Source: debsecan 0.4, `fetch_data`: names of vulnerabilities, then packages, then the binaries of each source; compressed.
    static func writeRelease(_ rows: [[String]], _ folder: AdvisoryFolder) throws {
        let names = rows.map { "\($0[1]),,no description" }.joined(separator: "\n")
        let packages = rows.enumerated().map { "\($1[0]),\($0),S  F,\($1[2])," }.joined(separator: "\n")
        try folder.write("VERSION 1\n\(names)\n\n\(packages)\n\n\n", as: "plain")
        let code = "import sys, zlib; open(sys.argv[2], 'wb').write(zlib.compress(open(sys.argv[1], 'rb').read()))"
        _ = try output("/usr/bin/python3", ["-c", code, "\(folder.path)/plain", "\(folder.path)/bullseye"])
    }

    static func run(_ status: FilePath, _ folder: AdvisoryFolder) throws -> Set<String> {
        let arguments = ["--suite", "bullseye", "--source", "file://\(folder.path)/", "--status", status.string, "--format", "simple"]
        return Set(try output("/usr/bin/python3", [path] + arguments).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
    }

    private static func output(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) failed")
        return String(decoding: data, as: UTF8.self)
    }
}
