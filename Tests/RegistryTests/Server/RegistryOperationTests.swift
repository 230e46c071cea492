import ImageStore
import IngotModel
import NIOHTTP1
import Testing

@testable import RegistryServer

@Suite("A request's first line")
struct RegistryOperationTests {
    private static let digest = Digest(bytes: [UInt8](repeating: 0xab, count: 32))
    private static let limits = ServerLimits()

    private static func name(_ text: String) throws -> RepositoryName { try #require(RepositoryName(text)) }

    private static func read(_ method: HTTPMethod, _ address: String) throws(RegistryProblem) -> RegistryOperation {
        try RegistryOperation(method, address, limits)
    }

    @Test("is what the specification says it is")
    func operations() throws {
        let (shop, nested, id) = (try Self.name("shop"), try Self.name("a/blobs/manifests"), UploadID.make())
        let page = try Page(RequestQuery(""), most: Self.limits.page)
        let expected: [(HTTPMethod, String, RegistryOperation)] = [
            (.GET, "/v2/", .support), (.GET, "/v2", .support), (.HEAD, "/v2/", .support), (.GET, "/v2/token?service=x", .token(service: "x")),
            (.GET, "/v2/_catalog", .catalog(page)), (.GET, "/v2/shop/tags/list", .tags(shop, page)),
            (.GET, "/v2/shop/blobs/\(Self.digest)", .readBlob(shop, Self.digest)),
            (.HEAD, "/v2/shop/blobs/sha256%3A\(Self.digest.hex)", .readBlob(shop, Self.digest)),
            (.DELETE, "/v2/a/blobs/manifests/blobs/\(Self.digest)", .deleteBlob(nested, Self.digest)),
            (.POST, "/v2/shop/blobs/uploads/", .beginUpload(shop, .session)), (.POST, "/v2/shop/blobs/uploads", .beginUpload(shop, .session)),
            (.POST, "/v2/shop/blobs/uploads/?digest=\(Self.digest)", .beginUpload(shop, .whole(Self.digest))),
            (.POST, "/v2/shop/blobs/uploads/?mount=\(Self.digest)&from=a/blobs/manifests", .beginUpload(shop, .mount(Self.digest, from: nested))),
            (.POST, "/v2/shop/blobs/uploads/?mount=\(Self.digest)&from=../x", .beginUpload(shop, .mount(Self.digest, from: nil))),
            (.GET, "/v2/shop/blobs/uploads/\(id)", .upload(shop, id, .status)), (.PATCH, "/v2/shop/blobs/uploads/\(id)", .upload(shop, id, .append)),
            (.PUT, "/v2/shop/blobs/uploads/\(id)?digest=\(Self.digest)", .upload(shop, id, .finish(Self.digest))),
            (.DELETE, "/v2/shop/blobs/uploads/\(id)", .upload(shop, id, .cancel)),
            (.GET, "/v2/a/blobs/manifests/manifests/1.0", .readManifest(nested, .tag("1.0"))),
            (.PUT, "/v2/shop/manifests/\(Self.digest)", .putManifest(shop, .digest(Self.digest))),
            (.DELETE, "/v2/shop/manifests/_x", .deleteManifest(shop, .tag("_x"))),
            (
                .GET, "/v2/shop/referrers/\(Self.digest)?artifactType=a%2Fb",
                .referrers(shop, Self.digest, artifactTypes: ["a/b"], try Page(RequestQuery(""), most: .max))
            ),
        ]
        for (method, address, operation) in expected { #expect(try Self.read(method, address) == operation, "\(method) \(address)") }
    }

    @Test(
        "that is none is refused with a code of the specification",
        arguments: [
            ("/", "UNSUPPORTED"), ("/v1/", "UNSUPPORTED"), ("v2/", "UNSUPPORTED"), ("//v2/", "UNSUPPORTED"), ("/v2/x", "UNSUPPORTED"),
            ("/v2/../etc/manifests/x", "NAME_INVALID"), ("/v2/a/../b/manifests/x", "NAME_INVALID"), ("/v2/a/%2e%2e/b/manifests/x", "NAME_INVALID"),
            ("/v2/A/manifests/x", "NAME_INVALID"), ("/v2//manifests/x", "NAME_INVALID"), ("/v2/a//b/manifests/x", "NAME_INVALID"),
            ("/v2/docker.io/library/debian/manifests/12", "NAME_INVALID"), ("/v2/localhost/a/manifests/x", "NAME_INVALID"),
            ("/v2/a:1/manifests/x", "NAME_INVALID"), ("/v2/a/manifests/..", "MANIFEST_INVALID"),
            ("/v2/a/manifests/..%2f..%2fetc", "MANIFEST_INVALID"),
            ("/v2/a/manifests/x%00", "MANIFEST_INVALID"), ("/v2/a/manifests/-x", "MANIFEST_INVALID"), ("/v2/a/manifests/", "MANIFEST_INVALID"),
            ("/v2/a/manifests/sha256:totallywrong", "DIGEST_INVALID"), ("/v2/a/blobs/x", "DIGEST_INVALID"),
            ("/v2/a/blobs/sha512:00", "DIGEST_INVALID"),
            ("/v2/a/blobs/uploads/x", "BLOB_UPLOAD_UNKNOWN"), ("/v2/a/tags/list?n=-1", "UNSUPPORTED"), ("/v2/a/tags/list?n=x", "UNSUPPORTED"),
            ("/v2/a/tags/list?last=%zz", "UNSUPPORTED"), ("/v2/a/referrers/x", "DIGEST_INVALID"),
        ])
    func refused(address: String, code: String) throws {
        let problem = #expect(throws: RegistryProblem.self) { try Self.read(.GET, address) }
        #expect(problem?.code.rawValue == code)
        #expect((400..<500).contains(problem?.status.code ?? 0))
    }

    @Test("that is too long is refused before it is read")
    func long() {
        let problem = #expect(throws: RegistryProblem.self) { try Self.read(.GET, "/v2/" + String(repeating: "a/", count: 10_000)) }
        #expect(problem?.status == .uriTooLong)
        let name = String(repeating: "a", count: 250)
        #expect(throws: RegistryProblem.self) { try Self.read(.GET, "/v2/\(name)/manifests/x") }
    }

    @Test("never gives a name that leads out of a folder, whatever is put together")
    func names() {
        var generator = SeededGenerator(seed: 11)
        let parts = [
            "a", "..", ".", "", "blobs", "uploads", "manifests", "tags", "list", "%2e", "_catalog", "x.y", "a_b", "v2", "referrers", "\(Self.digest)",
        ]
        for _ in 0..<20_000 {
            let address =
                "/v2/"
                + (0..<Int.random(in: 1...7, using: &generator)).map { _ in parts.randomElement(using: &generator) ?? "" }.joined(separator: "/")
            for method in [HTTPMethod.GET, .PUT, .POST, .DELETE, .PATCH, .HEAD] {
                guard let operation = try? Self.read(method, address) else { continue }
                let name: RepositoryName? =
                    switch operation.need {
                    case .pull(let name), .push(let name): name
                    case .nothing, .presence: nil
                    }
                guard let name else { continue }
                #expect(
                    !name.text.split(separator: "/", omittingEmptySubsequences: false).contains { $0.isEmpty || $0 == "." || $0 == ".." },
                    "\(address)")
            }
        }
    }
}

/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
