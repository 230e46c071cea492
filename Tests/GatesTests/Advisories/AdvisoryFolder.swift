// swift-format-ignore-file: NeverForceUnwrap

import Foundation
import IngotModel
import SystemPackage

@testable import Gates

/// A folder for one test, that is gone with it.
final class AdvisoryFolder {
    let path: FilePath
    var index: FilePath { path.appending("index") }

    init() throws {
        path = FilePath(FileManager.default.temporaryDirectory.appending(path: "ingot-advisories-\(UUID().uuidString)").path)
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    @discardableResult func write(_ text: String, as name: String) throws -> FilePath { try write(Data(text.utf8), as: name) }

    @discardableResult func write(_ data: Data, as name: String) throws -> FilePath {
        let file = path.appending(name)
        try FileManager.default.createDirectory(atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
        try data.write(to: URL(fileURLWithPath: file.string))
        return file
    }

    @discardableResult func add(_ format: AdvisorySource.Format, _ text: String, as name: String, at now: Timestamp = .test) throws -> AdvisoryImport
    {
        try AdvisorySource(format: format, path: write(text, as: name)).import(into: index, at: now)
    }

    func open() throws -> AdvisoryIndex { try AdvisoryIndex.open(index) }
}

extension Timestamp {
    static let test = Timestamp(text: "2026-11-26T12:00:00Z")!
}

/// Records in OSV form, a line each.
enum OSVText {
    static func record(
        _ id: String, _ ecosystem: String = "PyPI", _ name: String = "jinja2", fixed: String? = "3.1.3", modified: String = "2026-11-25T00:00:00Z",
        extra: String = ""
    ) -> String {
        let fix = fixed.map { #",{"fixed":"\#($0)"}"# } ?? ""
        return #"{"id":"\#(id)","modified":"\#(modified)","affected":[{"package":{"ecosystem":"\#(ecosystem)","name":"\#(name)"},"#
            + #""ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}\#(fix)]}]}]\#(extra.isEmpty ? "" : ",\(extra)")}"#
    }
}
