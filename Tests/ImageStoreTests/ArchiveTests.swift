import Foundation
import IngotModel
import SystemPackage
import Testing

@testable import ImageStore

@Suite("Archives of images") struct ArchiveTests {
    private static func archive(_ store: ImageStore, _ image: Image, _ format: ImageArchiveFormat, _ name: String = "a.tar") throws -> FilePath {
        let path = store.root.appending(name)
        try store.exportArchive(image.digest, as: format, to: .file(path), names: ["shop:1"])
        return path
    }

    @Test("are the same bytes every time, and go through skopeo", arguments: ImageArchiveFormat.allCases) func others(_ format: ImageArchiveFormat) throws {
        try withStore { store in
            let image = try addSample(to: store)
            let path = try Self.archive(store, image, format)
            #expect(try read(path) == read(Self.archive(store, image, format, "b.tar")))
            let transport = format == .oci ? "oci-archive:\(path):shop:1" : "docker-archive:\(path):shop:1"
            let copied = try run("skopeo", ["copy", transport, "oci:\(store.root)/copy:x"])
            #expect(copied.code == 0, "\(copied.output)")
            try withStore { second in
                let imported = try second.importImage(from: store.root.appending("copy")).image
                #expect(imported.layers.map(\.diffID) == image.layers.map(\.diffID))
                #expect(imported.configuration.config == image.configuration.config)
            }
        }
    }

    @Test("come back with their digest and names, also compressed", arguments: ImageArchiveFormat.allCases, ["cat", "gzip", "zstd"])
    func roundTrip(_ format: ImageArchiveFormat, _ program: String) throws {
        try withStore { store in
            let image = try addSample(to: store)
            let path = try Self.archive(store, image, format)
            #expect(try run("sh", ["-c", "\(program) < \(path) > \(path).x"]).code == 0)
            try withStore { second in
                let imported = try second.importImage(from: FilePath("\(path).x"))
                #expect(imported.image == image)
                #expect(imported.names == ["shop:1"])
                #expect(try listing(second.files(of: imported.image)) == listing(store.files(of: image)))
            }
        }
    }

    /// What skopeo writes for Docker has links and no OCI layout.
    private static func dockerArchive(_ store: ImageStore, _ image: Image) throws -> FilePath {
        let layout = store.root.appending("layout")
        try store.exportOCI(image.digest, to: layout, tag: "x")
        let path = store.root.appending("docker.tar")
        let copied = try run("skopeo", ["copy", "oci:\(layout):x", "docker-archive:\(path):shop:1"])
        #expect(copied.code == 0, "\(copied.output)")
        return path
    }

    @Test("of Docker's kind become the same image every time") func docker() throws {
        try withStore { store in
            let image = try addSample(to: store)
            let path = try Self.dockerArchive(store, image)
            let digests = try (0..<2).map { _ in
                try withStore { second in
                    let imported = try second.importImage(from: path, reference: "shop:1")
                    #expect(imported.names.map { $0.hasSuffix("shop:1") } == [true])
                    #expect(imported.image.layers.map(\.diffID) == image.layers.map(\.diffID))
                    #expect(imported.image.layers == image.layers)
                    return imported.image.digest
                }
            }
            #expect(Set(digests).count == 1)
            let error = #expect(throws: StoreError.self) { try store.importImage(from: path, reference: "other") }
            #expect(error?.reason == .ambiguous)
        }
    }

    enum Damage: String, CaseIterable, Sendable {
        case configuration, layer, missingLayer, missingConfiguration, fewerLayers, garbledManifest, cut, linkOut, notAnImage, upward
    }

    @Test("that do not hold what they say are refused, and nothing of them is an image", arguments: Damage.allCases) func damaged(_ damage: Damage) throws {
        try withStore { store in
            let image = try addSample(to: store)
            let path = try Self.dockerArchive(store, image)
            let folder = store.root.appending("unpacked")
            #expect(try run("sh", ["-c", "mkdir \(folder) && tar -xf \(path) -C \(folder) && chmod -R u+w \(folder)"]).code == 0)
            let bad = store.root.appending("bad.tar")
            #expect(try run("sh", ["-c", "cd \(folder) && \(Self.script(damage)) && tar -cPf \(bad) \(damage == .upward ? "../unpacked/manifest.json" : "*") && \(damage == .cut ? "truncate -s -5000 \(bad)" : "true")"]).code == 0)
            try withStore { second in
                let error = #expect(throws: StoreError.self) { try second.importImage(from: bad) }
                #expect([.imageInvalid, .archiveInvalid, .unsafePath].contains(error?.reason), "\(String(describing: error))")
                let images = try second.images()
                #expect(images.isEmpty)
            }
        }
    }

    private static func script(_ damage: Damage) -> String {
        let layer = "L=$(ls *.tar | head -1)"
        switch damage {
        case .configuration: return "C=$(ls *.json | grep -v manifest); sed -i 's/true/fals/' $C"
        case .layer: return "\(layer); printf x | dd of=$L bs=1 seek=600 conv=notrunc 2>/dev/null"
        case .missingLayer: return "\(layer); rm $L"
        case .missingConfiguration: return "rm $(ls *.json | grep -v manifest)"
        case .fewerLayers: return "\(layer); sed -i \"s/,*\\\"$L\\\",*//\" manifest.json"
        case .garbledManifest: return "echo '[{' > manifest.json"
        case .cut, .upward: return "true"
        case .linkOut: return "\(layer); ln -sf /etc/passwd $L"
        case .notAnImage: return "rm manifest.json"
        }
    }

    @Test("of several forms give the one of this machine") func platforms() throws {
        try withStore { store in
            let image = try addSample(to: store)
            let layout = store.root.appending("layout")
            try store.exportOCI(image.digest, to: layout)
            var foreign = Descriptor(mediaType: MediaType.manifest, digest: ContentHash.digest(of: []), size: 7)
            foreign.platform = .init(architecture: "s390x", os: "linux")
            var own = Descriptor(mediaType: MediaType.manifest, digest: image.digest, size: try store.blobs.size(of: image.digest))
            own.platform = .init(architecture: ImageConfiguration.hostArchitecture, os: "linux")
            func write(_ manifests: [Descriptor]) throws {
                try Data(CanonicalJSON.encode(ImageIndex(manifests: manifests))).write(to: URL(fileURLWithPath: "\(layout)/index.json"))
            }
            try write([foreign, own])
            #expect(try withStore { try $0.importImage(from: layout).image.digest } == image.digest)
            let inner = try CanonicalJSON.encode(ImageIndex(manifests: [foreign, own]))
            let digest = ContentHash.digest(of: inner)
            try Data(inner).write(to: URL(fileURLWithPath: "\(layout)/blobs/sha256/\(digest.hex)"))
            try write([Descriptor(mediaType: MediaType.index, digest: digest, size: inner.count)])
            #expect(try withStore { try $0.importImage(from: layout).image.digest } == image.digest)
            try write([foreign])
            #expect(throws: StoreError.self) { try withStore { try $0.importImage(from: layout) } }
        }
    }
}
