import ImageStore
import IngotModel
import RegistryServer
import Testing

@testable import Registry

@Suite("The list of documents about an image")
struct ReferrerListTests {
    /// A pull of an image with three documents about it, from a registry that shows one on each page.
    private static func pull(_ change: (inout RegistryLimits) -> Void = { _ in }) async throws -> PulledImage {
        try await LocalRegistry.with({ $0.limits.referrerPage = 1 }) { registry in
            let image = try addImage(to: registry.store, layers: [100]).digest
            for number in 0..<3 {
                try registry.store.addReferrer(to: image, artifactType: "application/vnd.test", content: Array("\(number)".utf8))
            }
            try registry.store.tag(image, as: "shop:main")
            return try await withStore { store in
                var options = try registry.options(in: store)
                change(&options.limits)
                let reference = try ImageReference("\(registry.host)/shop:main")
                let pulled = try await RegistryClient.with(options) { try await $0.pull(reference, as: nil, into: store) }
                #expect(try store.referrers(of: image).count == pulled.referrers)
                return pulled
            }
        }
    }

    @Test("is followed through its pages")
    func pages() async throws {
        let pulled = try await Self.pull()
        #expect(pulled.referrers == 3 && pulled.warnings.isEmpty, "\(pulled.warnings)")
    }

    @Test("has bounds, and a pull says what it left out")
    func bounds() async throws {
        let few = try await Self.pull { $0.referrers = 2 }
        #expect(few.referrers == 2 && few.warnings.count == 1 && few.warnings[0].hasPrefix("of 3 documents"), "\(few.warnings)")
        let short = try await Self.pull { $0.pages = 2 }
        #expect(short.referrers == 2 && short.warnings.count == 1 && short.warnings[0].hasPrefix("of more than 2 documents"), "\(short.warnings)")
        let bounded = try await Self.pull { $0.listedReferrers = 1 }
        #expect(bounded.referrers == 2 && bounded.warnings.count == 1, "\(bounded.warnings)")
    }

    @Test("is not followed to another host, which is said, too")
    func elsewhere() async throws {
        try await withStore { source in
            let image = try addImage(to: source, layers: [100])
            let served = try Served([image], of: source)
            let page = try document(ImageIndex(manifests: []))
            try await FakeRegistry.with({ _ in .init(headers: [("content-type", MediaType.index)], body: page) }) { other in
                try await FakeRegistry.with({ [host = other.host] request in
                    guard request.path.contains("/referrers/") else { return served.answer(request) }
                    return .init(headers: [("content-type", MediaType.index), ("link", "<http://\(host)/v2/a/b/next>; rel=\"next\"")], body: page)
                }) { server in
                    try await withStore { store in
                        let reference = try ImageReference("\(server.host)/a/b:1")
                        let pulled = try await RegistryClient.with(impatient()) { try await $0.pull(reference, as: nil, into: store) }
                        #expect(pulled.warnings.count == 1 && pulled.warnings[0].hasPrefix("of more than 0"), "\(pulled.warnings)")
                        #expect(other.requests.isEmpty)
                    }
                }
            }
        }
    }
}
