import Foundation
import Testing

/// Values that were planted as secrets, looked for everywhere where none may be.
struct PlantedValues {
    private let values: [String]

    init(_ values: [String]) { self.values = values }

    func isHidden(in text: String, _ place: String) {
        for value in values { #expect(!text.contains(value), "a planted value stands in \(place)") }
    }

    /// Every file below a folder, but where values belong: the daemon's vault, and the memory that instances are given.
    func areHidden(below folder: URL, but homes: [URL]) throws {
        let keys: [URLResourceKey] = [.isRegularFileKey]
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: keys))
        var looked = 0
        for case let file as URL in files {
            if homes.contains(where: { file.path == $0.path || file.path.hasPrefix($0.path + "/") }) {
                files.skipDescendants()
                continue
            }
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true, let data = try? Data(contentsOf: file) else {
                continue
            }
            looked += 1
            for value in values { #expect(data.range(of: Data(value.utf8)) == nil, "a planted value stands in \(file.path)") }
        }
        #expect(looked > 10, "hardly a file was there to look into")
    }

    /// The arguments and variables of every process on this machine.
    func areHiddenInProcesses() throws {
        var looked = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(name) != nil {
            for file in ["cmdline", "environ"] {
                // One may have ended meanwhile.
                guard let handle = FileHandle(forReadingAtPath: "/proc/\(name)/\(file)") else { continue }
                defer { try? handle.close() }
                guard let data = try? handle.readToEnd() else { continue }
                looked += 1
                for value in values { #expect(data.range(of: Data(value.utf8)) == nil, "a planted value stands in /proc/\(name)/\(file)") }
            }
        }
        #expect(looked > 2)
    }
}
