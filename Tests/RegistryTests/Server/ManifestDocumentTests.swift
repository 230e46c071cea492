import ImageStore
import IngotModel
import Testing

@Suite("A manifest that is pushed")
struct ManifestDocumentTests {
    private static let blob = #"{"mediaType":"a/b","digest":"sha256:\#(String(repeating: "ab", count: 32))","size":3}"#
    private static let dockerList = "application/vnd.docker.distribution.manifest.list.v2+json"

    private static func read(_ text: String, _ type: String = MediaType.manifest) throws -> ManifestDocument {
        try ManifestDocument(Array(text.utf8), mediaType: type)
    }

    @Test("says what it names, and what it is about")
    func parts() throws {
        let document = try Self.read(
            #"{"schemaVersion":2,"config":\#(Self.blob),"layers":[\#(Self.blob)],"subject":\#(Self.blob),"annotations":{"a":"b"}}"#)
        #expect(document.blobs.count == 2 && document.manifests.isEmpty && document.subject != nil && !document.isIndex)
        #expect(document.descriptor.artifactType == "a/b" && document.descriptor.annotations == ["a": "b"])
        let index = try Self.read(#"{"schemaVersion":2,"artifactType":"c/d","manifests":[\#(Self.blob)]}"#, Self.dockerList)
        #expect(index.blobs.isEmpty && index.manifests.count == 1 && index.isIndex && index.descriptor.artifactType == "c/d")
        #expect(try Self.read(#"{"schemaVersion":2,"config":\#(Self.blob),"layers":[]}"#).blobs.count == 1)
    }

    @Test(
        "is refused when it is not what it is sent as, or could be two things",
        arguments: [
            (#"{"schemaVersion":2,"manifests":[]}"#, MediaType.manifest), (#"{"schemaVersion":2,"config":BLOB,"layers":[]}"#, MediaType.index),
            (#"{"schemaVersion":2,"config":BLOB,"layers":[],"manifests":[]}"#, MediaType.manifest),
            (#"{"schemaVersion":2,"config":BLOB,"layers":[],"manifests":[]}"#, MediaType.index),
            (#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":BLOB,"layers":[]}"#, MediaType.manifest),
            (#"{"schemaVersion":1,"config":BLOB,"layers":[]}"#, MediaType.manifest), (#"{"config":BLOB,"layers":[]}"#, MediaType.manifest),
            (#"{"schemaVersion":2,"config":BLOB,"layers":[]}"#, "application/json"), (#"{"schemaVersion":2,"config":BLOB,"layers":[]}"#, ""),
            (#"{"schemaVersion":2,"config":BLOB,"layers":[]} {}"#, MediaType.manifest),
            (#"{"schemaVersion":2,"config":BLOB,"layers":[]}x"#, MediaType.manifest),
            ("", MediaType.manifest), ("[]", MediaType.manifest), (#"{"schemaVersion":2,"config":{},"layers":[]}"#, MediaType.manifest),
            (#"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:../x","size":1},"layers":[]}"#, MediaType.manifest),
            (#"{"schemaVersion":2,"config":{"mediaType":"a","digest":"DIGEST","size":1},"layers":[]}"#, MediaType.manifest),
            (#"{"schemaVersion":2,"config":{"mediaType":"a/b\n","digest":"DIGEST","size":1},"layers":[]}"#, MediaType.manifest),
            (#"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"DIGEST","size":-1},"layers":[]}"#, MediaType.manifest),
            (#"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"DIGEST","size":1e99},"layers":[]}"#, MediaType.manifest),
            (#"{"schemaVersion":2,"config":BLOB,"layers":[],"artifactType":"x"}"#, MediaType.manifest),
        ])
    func refused(text: String, type: String) {
        let digest = "sha256:" + String(repeating: "ab", count: 32)
        let error = #expect(throws: StoreError.self) {
            try Self.read(text.replacing("BLOB", with: Self.blob).replacing("DIGEST", with: digest), type)
        }
        #expect(error?.reason == .imageInvalid)
    }

    @Test("is refused when it is too large, or too deep")
    func large() {
        let error = #expect(throws: StoreError.self) { try Self.read(String(repeating: " ", count: 5 << 20)) }
        #expect(error?.reason == .tooLarge)
        #expect(throws: StoreError.self) { try Self.read(String(repeating: #"{"a":"#, count: 500_000)) }
    }
}
