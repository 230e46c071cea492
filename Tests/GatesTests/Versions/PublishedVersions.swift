import Foundation
import Gates
import Testing

/// Orders of versions that others published, a line each: `1.0 < 1.1`.
struct PublishedVersions: Sendable, CustomTestStringConvertible {
    var file: String
    var order: VersionOrder

    var testDescription: String { file }

    static let files = [
        PublishedVersions(file: "debian-versions.txt", order: .dpkg), PublishedVersions(file: "alpine-versions.txt", order: .apk),
        PublishedVersions(file: "pypi-versions.txt", order: .pep440), PublishedVersions(file: "semver-versions.txt", order: .semantic),
        PublishedVersions(file: "semver-versions.txt", order: .go), PublishedVersions(file: "maven-versions.txt", order: .maven),
        PublishedVersions(file: "rubygems-versions.txt", order: .rubygems), PublishedVersions(file: "nuget-versions.txt", order: .nuget),
        PublishedVersions(file: "redhat-versions.txt", order: .rpm),
    ]

    struct Line: Sendable {
        var left: String
        var right: String
        var comparison: VersionComparison
    }

    var lines: [Line] {
        guard let text = try? String(contentsOf: PublishedData.folder.appending(path: "versions/\(file)"), encoding: .utf8) else { return [] }
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, let comparison = Self.signs[String(words[1])], words[0] != "//", words[0] != "#" else { return nil }
            return Line(left: String(words[0]), right: String(words[2]), comparison: comparison)
        }
    }

    private static let signs: [String: VersionComparison] = ["<": .older, "=": .same, ">": .newer]
}

/// Facts that others published. `INGOT_TEST_DATA` says where; else they stand beside the project, as `shared/data`.
enum PublishedData {
    static let folder: URL = {
        let data = ProcessInfo.processInfo.environment["INGOT_TEST_DATA"].map { URL(fileURLWithPath: $0) }
        let project = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardized
        return data ?? project.appending(path: "../shared/data").standardized
    }()

    static func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.appending(path: name).path) }
}
