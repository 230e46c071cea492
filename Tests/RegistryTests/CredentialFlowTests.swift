import Foundation
import ImageStore
import IngotModel
import NIOHTTP1
import SystemPackage
import Testing

@testable import Registry

/// To whom credentials go, and to whom not.
@Suite("Credentials")
struct CredentialFlowTests {
    private static let basic = "Basic " + Data("user:pass".utf8).base64EncodedString()

    /// A registry that asks as `challenge` says, with an image at `a/b:1`.
    private static func with(
        _ challenge: @escaping @Sendable (FakeRegistry.Request) -> FakeRegistry.Answer?,
        _ body: (FakeRegistry, Image, ImageStore) async throws -> Void
    ) async throws {
        try await withStore { source in
            let image = try addImage(to: source)
            let served = try Served([image], of: source)
            try await FakeRegistry.with({ challenge($0) ?? served.answer($0) }) { server in
                try await withStore { store in try await body(server, image, store) }
            }
        }
    }

    private static func options(_ hosts: [String], _ store: ImageStore) throws -> RegistryOptions {
        var options = impatient()
        options.configurationFile = try configurationFile(
            Dictionary(uniqueKeysWithValues: hosts.map { ($0, (user: "user", password: "pass")) }), in: store.root)
        return options
    }

    @discardableResult
    private static func pull(_ server: FakeRegistry, _ store: ImageStore, _ options: RegistryOptions) async throws -> PulledImage {
        let reference = try ImageReference("\(server.host)/a/b:1")
        return try await RegistryClient.with(options) { try await $0.pull(reference, as: nil, into: store) }
    }

    private static func unauthorized(_ challenge: String) -> FakeRegistry.Answer { .init(status: 401, headers: [("www-authenticate", challenge)]) }

    @Test("are sent by Basic when the registry asks, and not before")
    func basicFlow() async throws {
        try await Self.with({ $0.authorization == Self.basic ? nil : Self.unauthorized("Basic realm=\"r\"") }) { server, image, store in
            let pulled = try await Self.pull(server, store, Self.options([server.host], store))
            #expect(pulled.images.map(\.digest) == [image.digest])
            #expect(server.requests[0].authorization == nil)
            #expect(server.requests.dropFirst().allSatisfy { $0.authorization == Self.basic })
        }
    }

    @Test("that are wrong, or missing, are told once", arguments: [true, false])
    func refused(hasCredentials: Bool) async throws {
        try await Self.with({ _ in Self.unauthorized("Basic realm=\"r\"") }) { server, _, store in
            let options = try Self.options(hasCredentials ? [server.host] : [], store)
            let error = await #expect(throws: RegistryError.self) { try await Self.pull(server, store, options) }
            #expect(error?.reason == .unauthorized)
            #expect(error?.fault == .user)
            #expect(error?.remedy?.contains("login") == true)
            #expect(server.requests.count == (hasCredentials ? 2 : 1))
        }
    }

    @Test("get a token from the registry's own token server, which all requests share")
    func ownRealm() async throws {
        try await Self.with({ request in
            if request.path == "/token" { return .init(body: Array(#"{"token":"t0","expires_in":300}"#.utf8)) }
            guard request.authorization != "Bearer t0" else { return nil }
            return Self.unauthorized("Bearer realm=\"http://\(request.headers.first(name: "host") ?? "")/token\",service=\"s p\"")
        }) { server, image, store in
            let pulled = try await Self.pull(server, store, Self.options([server.host], store))
            #expect(pulled.images.map(\.digest) == [image.digest])
            let asked = server.requests.filter { $0.path == "/token" }
            #expect(asked.map(\.authorization) == [Self.basic])
            #expect(asked[0].uri.contains("service=s%20p"))
            #expect(asked[0].uri.contains("scope=repository%3Aa%2Fb%3Apull"))
            #expect(!asked[0].uri.contains("push"))
            #expect(server.requests.allSatisfy { $0.path == "/token" || [nil, "Bearer t0"].contains($0.authorization) })
        }
    }

    @Test("are not sent to a token server of another origin, but its own are", arguments: [true, false])
    func otherRealm(hasOwn: Bool) async throws {
        try await FakeRegistry.with({ _ in .init(body: Array(#"{"access_token":"t1"}"#.utf8)) }) { other in
            try await Self.with({ request in
                request.authorization == "Bearer t1" ? nil : Self.unauthorized("Bearer realm=\"http://\(other.host)/token\",service=\"s\"")
            }) { server, _, store in
                let options = try Self.options(hasOwn ? [server.host, other.host] : [server.host], store)
                try await Self.pull(server, store, options)
                #expect(other.requests.count == 1)
                #expect(other.requests[0].authorization == (hasOwn ? Self.basic : nil))
                #expect(other.requests[0].body.isEmpty)
            }
        }
    }

    @Test(
        "go to no token server that is not to be asked at all",
        arguments: ["http://192.0.2.1/token", "ftp://x/token", "https://user:pass@127.0.0.1/token", "/token", "", "javascript:x"])
    func badRealm(realm: String) async throws {
        try await Self.with({ _ in Self.unauthorized("Bearer realm=\"\(realm)\"") }) { server, _, store in
            await #expect(throws: RegistryError.self) { try await Self.pull(server, store, Self.options([server.host], store)) }
            #expect(server.requests.count == 1)
        }
    }

    @Test("stay here when a blob is elsewhere", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        try await withStore { source in
            let image = try addImage(to: source)
            let served = try Served([image], of: source)
            try await FakeRegistry.with({ served.answer($0) }) { other in
                try await FakeRegistry.with({ request in
                    guard request.authorization == Self.basic else { return Self.unauthorized("Basic realm=\"r\"") }
                    guard request.path.contains("/blobs/") else { return served.answer(request) }
                    return .init(status: status, headers: [("location", "http://\(other.host)/cdn\(request.uri)?signature=x")])
                }) { server in
                    try await withStore { store in
                        let pulled = try await Self.pull(server, store, Self.options([server.host, other.host], store))
                        #expect(pulled.images.map(\.digest) == [image.digest])
                        #expect(Set(other.requests.map(\.path)).count == 3)
                        #expect(other.requests.allSatisfy { $0.authorization == nil && $0.headers.first(name: "cookie") == nil })
                    }
                }
            }
        }
    }

    @Test("are not asked for by others: a login at the end of a redirect is a refusal")
    func askedElsewhere() async throws {
        try await FakeRegistry.with({ _ in Self.unauthorized("Basic realm=\"r\"") }) { other in
            try await Self.with({ request in
                request.path.contains("/blobs/") ? .init(status: 307, headers: [("location", "http://\(other.host)/x")]) : nil
            }) { server, _, store in
                let error = await #expect(throws: RegistryError.self) {
                    try await Self.pull(server, store, Self.options([server.host, other.host], store))
                }
                #expect(error?.reason == .unauthorized)
                #expect(other.requests.map(\.authorization) == [nil])
            }
        }
    }

    @Test(
        "are safe from addresses that nobody should be sent to",
        arguments: ["http://192.0.2.1/x", "file:///etc/passwd", "ftp://x", "http://u:p@127.0.0.1/", ""])
    func badRedirect(location: String) async throws {
        try await Self.with({ _ in .init(status: 302, headers: [("location", location)]) }) { server, _, store in
            await #expect(throws: RegistryError.self) { try await Self.pull(server, store, impatient()) }
        }
    }

    @Test("do not go round in circles")
    func circle() async throws {
        try await Self.with({ .init(status: 302, headers: [("location", $0.uri)]) }) { server, _, store in
            let error = await #expect(throws: RegistryError.self) { try await Self.pull(server, store, impatient()) }
            #expect(error?.reason == .redirectRefused)
            #expect(server.requests.count == 6)
        }
    }

    @Test(
        "are no token that breaks a header, or never ends",
        arguments: [
            #"{"token":"a\r\nx: y"}"#, #"{"token":""}"#, "{}", "no", #"{"token":"a b"}"#, "{\"token\":\"\(String(repeating: "a", count: 300_000))\"}",
        ])
    func badTokens(answer: String) async throws {
        try await Self.with({ request in
            request.path == "/token"
                ? .init(body: Array(answer.utf8)) : Self.unauthorized("Bearer realm=\"http://\(request.headers.first(name: "host") ?? "")/token\"")
        }) { server, _, store in
            await #expect(throws: RegistryError.self) { try await Self.pull(server, store, impatient()) }
            #expect(server.requests.allSatisfy { $0.authorization == nil })
        }
    }

    @Test("are renewed when a token no longer holds")
    func renewed() async throws {
        let count = Counter()
        try await Self.with({ request in
            if request.path == "/token" { return .init(body: Array("{\"token\":\"t\(count.next())\"}".utf8)) }
            // The first token holds for the manifest only.
            let isGood = request.authorization == "Bearer t2" || (request.authorization == "Bearer t1" && request.path.contains("/manifests/"))
            return isGood ? nil : Self.unauthorized("Bearer realm=\"http://\(request.headers.first(name: "host") ?? "")/token\"")
        }) { server, image, store in
            let pulled = try await Self.pull(server, store, impatient())
            #expect(pulled.images.map(\.digest) == [image.digest])
            #expect(server.requests.count { $0.path == "/token" } == 2)
        }
    }
}
