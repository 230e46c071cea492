import Foundation
import ImageStore
import IngotModel
import SystemPackage
import Testing

@Suite("Scale") struct ScaleTests {
    @Test("a folder of 10,000 files, names of all kinds, is mounted as it was") func manyFiles() throws {
        try withStore { store in
            var tree = FileTree()
            for index in 0..<10_000 {
                let name = "\(String(index * 7919 % 10_000, radix: 36))-\(String(repeating: "x", count: index % 100))"
                try tree.insert(.regular(FileContent(text: "\(index)"), FileMetadata(mode: 0o644)), at: TreePath("many/\(name)"))
            }
            for name in ["!", "-", ".-", ".a", "..a", "...", "~"] {
                try tree.insert(.regular(.empty, FileMetadata(mode: 0o644)), at: TreePath("many/\(name)"))
            }
            let path = try store.mount(store.addLayer(tree))
            #expect(try listing(FileTree(upperFolder: path)) == listing(tree))
        }
    }

    @Test("a large file goes through in pieces, and its speed is printed") func largeFile() throws {
        try withStore { store in
            let file = store.root.appending("large")
            let size = 300 << 20
            // Text that compresses as code does, so that the speed means something.
            #expect(try run("sh", ["-c", "cat /usr/lib/x86_64-linux-gnu/*.so* | head -c \(size) > \(file)"]).code == 0)
            var tree = FileTree()
            try tree.insert(.regular(FileContent(file: file), FileMetadata(mode: 0o644)), at: TreePath("large"))
            let clock = ContinuousClock()
            let start = clock.now
            let pending = try store.beginLayer(tree)
            let ready = clock.now - start
            let layer = try pending.finish()
            let seconds = Double((clock.now - start).components.attoseconds) / 1e18 + Double((clock.now - start).components.seconds)
            print(
                "layer of \(tree.contentBytes >> 20) MiB in \(seconds) s: \(Int(Double(tree.contentBytes >> 20) / seconds)) MiB/s, blob \(layer.blob.size >> 20) MiB; could be mounted after \(ready)"
            )
            let mounted = try store.mount(layer).appending("large")
            #expect(try run("cmp", [file.string, mounted.string]).code == 0)
        }
    }

    @Test(
        "sizes around a block are kept",
        arguments: [1, 31, 4000, 4031, 4032, 4033, 4063, 4064, 4065, 4095, 4096, 4097, 8191, 8192, 8193, 1 << 20, (1 << 20) + 1])
    func edges(_ size: Int) throws {
        try withStore { store in
            var tree = FileTree()
            let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
            for user in [UInt32(0), 100_000] {
                for name in ["a", "b"] {
                    try tree.insert(.regular(FileContent(bytes: content), FileMetadata(mode: 0o644, userID: user)), at: TreePath("\(user)/\(name)"))
                }
            }
            let path = try store.mount(store.addLayer(tree))
            for user in [0, 100_000] {
                for name in ["a", "b"] { #expect(try read(path.appending("\(user)").appending(name)) == content) }
            }
        }
    }
}
