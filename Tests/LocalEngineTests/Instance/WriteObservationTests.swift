import Glibc
import IngotModel
import SystemPackage
import Testing

@testable import LocalEngine

@Suite("What an instance wrote")
struct WriteObservationTests {
    private func scan(_ folder: FilePath, limit: Int = FolderScan.entryLimit) throws -> FolderScan {
        let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var scan = FolderScan(limit: limit)
        scan.read(descriptor, as: "")
        return scan
    }

    private func withFolder(_ body: (FilePath) throws -> Void) throws {
        let folder = FilePath("/tmp/ingot-scan-\(UInt64.random(in: .min ... .max))")
        try SystemFile.makeFolder(folder)
        defer { SystemFile.removeTree(folder) }
        try body(folder)
    }

    @Test("files, links and empty folders are seen, and no link is followed")
    func scanned() throws {
        try withFolder { folder in
            try SystemFile.makeFolder(folder.appending("data"))
            try SystemFile.makeFolder(folder.appending("empty"))
            try SystemFile.fill(folder.appending("data").appending("a").string, with: [1, 2, 3])
            symlink("/", folder.appending("out").string)
            mkfifo(folder.appending("pipe").string, 0o600)
            mknod(folder.appending("gone").string, S_IFCHR, 0)
            let entries = try scan(folder).entries
            #expect(entries.mapValues(\.kind) == ["/data/a": .file, "/empty": .folder, "/out": .link, "/pipe": .other, "/gone": .removed])
            #expect(entries["/data/a"]?.bytes == 3)
        }
    }

    @Test("names that are no text are seen, each as itself")
    func notText() throws {
        try withFolder { folder in
            let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            let names: [[CChar]] = [0xFE, 0xFF].map { [CChar(truncatingIfNeeded: $0), 97, 0] }
            defer { for name in names { unlinkat(descriptor, name, 0) } }
            for name in names { try #require(mkfifoat(descriptor, name, 0o600) == 0) }
            let found = try scan(folder)
            #expect(Set(found.entries.keys) == ["/\\xfea", "/\\xffa"] && !found.isCut)
        }
    }

    @Test("folders that stand nowhere count too, and what could not be looked at makes one more")
    func limited() throws {
        try withFolder { folder in
            var path = folder
            for _ in 0..<8 {
                path = path.appending("d")
                try SystemFile.makeFolder(path)
            }
            #expect(try !scan(folder, limit: 8).isCut)
            let cut = try scan(folder, limit: 7)
            #expect(cut.isCut && cut.entries.isEmpty)
            var now = WriteObservation()
            now.writable.noteOmission()
            #expect(WriteObservation.record(ready: WriteObservation(), now: now).omittedPaths == 1)
        }
    }

    @Test("what is no folder any more could not be looked at")
    func notLookedAt() throws {
        var scan = FolderScan()
        scan.read(-1, as: "")
        #expect(scan.isCut)
    }

    @Test("a folder as deep as anybody can make it is not walked to its end")
    func deep() throws {
        try withFolder { folder in
            var path = folder
            for _ in 0..<(FolderScan.depthLimit + 5) {
                path = path.appending("d")
                try SystemFile.makeFolder(path)
            }
            try SystemFile.fill(path.appending("a").string, with: [])
            #expect(try scan(folder).isCut)
        }
    }

    @Test("a path was written at the start, in service, or at both")
    func moments() throws {
        try withFolder { folder in
            for name in ["a", "b", "c"] { try SystemFile.fill(folder.appending(name).string, with: [1]) }
            var ready = WriteObservation()
            ready.root = try scan(folder)
            ready.programs = ["sh"]
            try SystemFile.fill(folder.appending("b").string, with: [1, 2])
            try SystemFile.fill(folder.appending("d").string, with: [1])
            unlink(folder.appending("c").string)
            var now = WriteObservation()
            now.root = try scan(folder)
            now.programs = ["sh", "python3 app.py"]
            let record = WriteObservation.record(ready: ready, now: now)
            #expect(record.paths.map(\.path) == ["/a", "/b", "/c", "/d"])
            #expect(record.paths.map(\.moments) == [[.start], [.start, .service], [.start, .service], [.service]])
            #expect(record.paths.allSatisfy { $0.place == .root })
            #expect(record.programs.map(\.command) == ["sh", "python3 app.py"])
            #expect(record.programs.map(\.moment) == [.start, .service])
        }
    }

    @Test(
        "of a command line what tells its purpose is kept, and no value of an option",
        arguments: [
            ("npm start", "npm start"), ("apt-get install curl", "apt-get install curl"), ("apt-get install curl jq", "apt-get install curl"),
            ("python3 /usr/bin/pip install x", "python3 /usr/bin/pip install"), ("python3 -m pip install x", "python3 -m pip install"),
            ("app --password hunter2", "app --password"), ("bash -c secret", "bash -c"), ("app -m secret x", "app -m"), ("", ""),
            ("curl -f http://localhost/up x", "curl -f http://localhost/up"), ("curl -H secret http://localhost", "curl -H"),
        ])
    func kept(line: String, kept: String) {
        #expect(WriteObservation.kept(line.split(separator: " ").map(String.init)).joined(separator: " ") == kept)
    }

    @Test("no more paths are kept than there is room for, and the rest is counted")
    func bounded() throws {
        try withFolder { folder in
            for number in 0..<(WriteRecord.keptPaths + 7) { try SystemFile.fill(folder.appending("\(number)").string, with: []) }
            var now = WriteObservation()
            now.writable = try scan(folder)
            let record = WriteObservation.record(ready: WriteObservation(), now: now)
            #expect(record.paths.count == WriteRecord.keptPaths && record.omittedPaths == 7)
        }
    }
}
