import Foundation
import ImageStore
import SystemPackage
import Testing

/// Layers made to write outside their image. Each is either refused or harmless, and a file outside stays as it is.
@Suite("Hostile layers") struct HostileLayerTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        /// Made with the path of a file outside that it tries to change.
        var archive: @Sendable (_ victim: String) -> [UInt8]
        var reason: StoreError.Reason?
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "writes through a link of its own",
            archive: { victim in
                RawArchive.make {
                    $0.addLink("door", to: (victim as NSString).deletingLastPathComponent)
                    $0.add("door/victim", content: Array("taken".utf8))
                }
            }, reason: .unsafePath),
        Case(
            name: "writes through a link to its parent",
            archive: { victim in
                RawArchive.make {
                    $0.addLink("a", to: "../../../../../.." + (victim as NSString).deletingLastPathComponent)
                    $0.add("a/victim", content: Array("taken".utf8))
                }
            }, reason: .unsafePath),
        Case(
            name: "goes upward", archive: { victim in RawArchive.make { $0.add("../../../../../../../.." + victim, content: [1]) } },
            reason: .unsafePath),
        Case(
            name: "goes upward in the middle", archive: { victim in RawArchive.make { $0.add("a/../../../../../.." + victim, content: [1]) } },
            reason: .unsafePath),
        Case(name: "is absolute", archive: { victim in RawArchive.make { $0.add(victim, content: [1]) } }, reason: nil),
        Case(name: "hard links outside", archive: { victim in RawArchive.make { $0.addHardLink("mine", to: victim) } }, reason: .unsafePath),
        Case(
            name: "hard links upward", archive: { victim in RawArchive.make { $0.addHardLink("mine", to: "../../../.." + victim) } },
            reason: .unsafePath),
        Case(
            name: "hard links through a link",
            archive: { victim in
                RawArchive.make {
                    $0.addLink("door", to: (victim as NSString).deletingLastPathComponent)
                    $0.addHardLink("mine", to: "door/victim")
                    $0.add("mine", content: [1])
                }
            }, reason: .unsafePath),
        Case(
            name: "hard links a folder",
            archive: { victim in
                RawArchive.make {
                    $0.addFolder("a/")
                    $0.addHardLink("a/b", to: "a")
                }
            }, reason: .unsafePath),
        Case(name: "has a device", archive: { victim in RawArchive.make { $0.add("sda", type: "4", mode: 0o666, device: (8, 0)) } }, reason: nil),
        Case(name: "whites out upward", archive: { victim in RawArchive.make { $0.add("a/.wh...") } }, reason: .unsafePath),
        Case(name: "whites out the folder itself", archive: { victim in RawArchive.make { $0.add("a/.wh..") } }, reason: .unsafePath),
        Case(name: "whites out nothing", archive: { victim in RawArchive.make { $0.add("a/.wh.") } }, reason: .unsafePath),
        Case(
            name: "has a file as a folder",
            archive: { victim in
                RawArchive.make {
                    $0.add("a", content: [1])
                    $0.add("a/b", content: [1])
                }
            }, reason: .unsafePath),
        Case(name: "replaces its root by a link", archive: { victim in RawArchive.make { $0.addLink("./", to: "/tmp") } }, reason: .unsafePath),
        Case(
            name: "ends within a file", archive: { victim in RawArchive.make { $0.add("a", content: [1], size: 100_000) } }, reason: .archiveInvalid),
        Case(name: "says it is huge", archive: { victim in RawArchive.make { $0.add("a", size: 0o7777_7777_777) } }, reason: .tooLarge),
        Case(name: "is very deep", archive: { victim in RawArchive.make { $0.add(String(repeating: "a/", count: 49) + "b") } }, reason: .tooLarge),
        Case(
            name: "has more files than allowed", archive: { victim in RawArchive.make { for index in 0..<200 { $0.add("f\(index)") } } },
            reason: .tooLarge),
    ]

    @Test("change nothing outside their image", arguments: cases) func hostile(_ hostile: Case) throws {
        let limits = ArchiveLimits(entries: 100, depth: 40)
        try withStore { store in
            let victim = store.root.appending("victim")
            try write("untouched", to: victim)
            let path = store.root.appending("layer.tar")
            try Data(hostile.archive(victim.string)).write(to: URL(fileURLWithPath: path.string))
            do {
                let layer = try store.importLayer(tar: path, limits: limits)
                #expect(hostile.reason == nil, "it was accepted")
                _ = try FileTree(upperFolder: store.mount(layer))
            } catch let error as StoreError {
                #expect(error.reason == hostile.reason, "\(error)")
            }
            #expect(try read(victim) == Array("untouched".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder.appending("tmp").string).isEmpty)
        }
    }

    @Test("a device stays a node that cannot be opened as one") func device() throws {
        try withStore { store in
            let path = store.root.appending("layer.tar")
            try Data(RawArchive.make { $0.add("null", type: "3", mode: 0o666, device: (1, 3)) }).write(to: URL(fileURLWithPath: path.string))
            let mounted = try store.mount(store.importLayer(tar: path))
            let result = try run("cat", [mounted.appending("null").string])
            #expect(result.code != 0)
            #expect(result.output.contains("Permission denied"))
        }
    }

    @Test("a compression bomb is stopped", arguments: ["gzip", "zstd", "xz"]) func bomb(_ program: String) throws {
        try withStore { store in
            let path = store.root.appending("bomb.tar")
            let made = try run("sh", ["-c", "{ printf x; head -c 300000000 /dev/zero; } | \(program) -c > \(path)"])
            #expect(made.code == 0, "\(made.output)")
            let error = #expect(throws: StoreError.self) { try store.importLayer(tar: path) }
            #expect(error?.reason == .tooLarge)
        }
    }

    @Test("a file that is nearly all hole does not fill the disk") func holes() throws {
        try withStore { store in
            let made = try run("sh", ["-c", "cd \(store.root) && truncate -s 15G hole && echo x >> hole && tar -S -cf hole.tar hole && rm hole"])
            #expect(made.code == 0, "\(made.output)")
            let error = #expect(throws: StoreError.self) { try store.importLayer(tar: store.root.appending("hole.tar")) }
            #expect(error?.reason == .tooLarge)
        }
    }

    @Test("archives cut short are refused, in every form", arguments: ["cat", "gzip -c", "zstd -c", "xz -c"]) func cut(_ program: String) throws {
        try withStore { store in
            let whole = store.root.appending("whole")
            let bytes = try noise(200_000)
            try Data(RawArchive.make { $0.add("noise", content: bytes) }).write(to: URL(fileURLWithPath: whole.string))
            let cut = store.root.appending("cut")
            let made = try run("sh", ["-c", "\(program) < \(whole) | head -c 100000 > \(cut)"])
            #expect(made.code == 0, "\(made.output)")
            let error = #expect(throws: StoreError.self) { try store.importLayer(tar: cut) }
            #expect(error?.reason == .archiveInvalid)
        }
    }

    @Test("every form of compression gives the same layer", arguments: ["gzip -c", "zstd -c", "xz -c"]) func forms(_ program: String) throws {
        try withStore { store in
            let plain = store.root.appending("plain")
            let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try Data(RawArchive.make { $0.add("a", content: content) }).write(to: URL(fileURLWithPath: plain.string))
            let packed = store.root.appending("packed")
            // Two gzip members one after the other are one file, too.
            let command =
                program.hasPrefix("gzip") ? "{ head -c 1000000 \(plain) | gzip; tail -c +1000001 \(plain) | gzip; }" : "\(program) < \(plain)"
            #expect(try run("sh", ["-c", "\(command) > \(packed)"]).code == 0)
            #expect(try store.importLayer(tar: packed) == store.importLayer(tar: plain))
        }
    }

    /// Archives that others published: good and hostile ones. `INGOT_TEST_DATA` says where they are.
    static let published: FilePath = {
        if let path = ProcessInfo.processInfo.environment["INGOT_TEST_DATA"] { return FilePath(path).appending("layers") }
        var folder = FilePath(#filePath)
        for _ in 0..<3 { folder.removeLastComponent() }
        return folder.removingLastComponent().appending("shared").appending("data").appending("layers")
    }()

    static var publishedNames: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: published.string)) ?? []).filter { $0.hasSuffix(".tar") }.sorted()
    }

    @Test(
        "published archives are taken or refused, and change nothing outside",
        .enabled(if: !publishedNames.isEmpty, "SKIPPED: no published archives; set INGOT_TEST_DATA to the folder that has layers/"),
        arguments: publishedNames)
    func publishedArchives(_ name: String) throws {
        try withStore { store in
            let before = try run("find", ["/escape", "/trampoline", "/tmp/poc.txt"]).output
            do {
                let layer = try store.importLayer(tar: Self.published.appending(name))
                _ = try FileTree(upperFolder: store.mount(layer))
            } catch let error as StoreError {
                #expect([.unsafePath, .archiveInvalid].contains(error.reason), "\(error)")
            }
            #expect(try run("find", ["/escape", "/trampoline", "/tmp/poc.txt"]).output == before)
        }
    }
}
