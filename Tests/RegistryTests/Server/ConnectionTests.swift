import ImageStore
import IngotModel
import NIOHTTP1
import Testing

@testable import RegistryServer

/// Clients that do not do as they should.
@Suite("A connection to the registry")
struct ConnectionTests {
    @Test(
        "that stalls is closed, wherever it stalls",
        arguments: [
            "", "GET /v2/ HT", "GET /v2/ HTTP/1.1\r\nHost: x\r\n",
            "POST /v2/shop/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123",
        ])
    func stalls(text: String) async throws {
        try await LocalRegistry.with({ $0.limits.patience = .milliseconds(200) }) { registry in
            let answer = try await RawConnection.talk(registry.port) { connection in
                connection.write(text)
                return connection.readToEnd()
            }
            #expect(answer != nil)
            // Others are still served.
            #expect(try await eventually { (try? await registry.send(.GET, "/v2/").status) == 200 })
        }
    }

    @Test("whose reader takes nothing is closed")
    func takesNothing() async throws {
        try await LocalRegistry.with({ ($0.limits.patience, $0.limits.connections) = (.milliseconds(300), 1) }) { registry in
            // More than any socket's buffers.
            let blob = try registry.store.writeBlob([UInt8](repeating: 7, count: 48 << 20))
            try registry.store.repository(#require(RepositoryName("shop"))).link(blob.digest)
            let connection = try RawConnection(port: registry.port)
            connection.write("GET /v2/shop/blobs/\(blob.digest) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(registry.secret)\r\n\r\n")
            // Its place is another's again.
            #expect(try await eventually { (try? await registry.send(.GET, "/v2/").status) == 200 })
            let count = try await connection.onThread { $0.readToEnd()?.utf8.count ?? .max }
            #expect(count < blob.size)
        }
    }

    @Test("with huge headers, or what is no HTTP, is refused")
    func huge() async throws {
        try await LocalRegistry.with { registry in
            for text in [
                "GET /v2/ HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 100_000))\r\n\r\n",
                "GET /v2/ HTTP/1.1\r\nHost: x\r\n" + (0..<2_000).map { "A\($0): \(String(repeating: "b", count: 60))\r\n" }.joined() + "\r\n",
                "\u{16}\u{3}\u{1} nonsense\r\n\r\n",
            ] {
                let answer = try await RawConnection.talk(registry.port) { connection in
                    connection.write(text)
                    return connection.readToEnd()
                }
                #expect(answer != nil && answer?.contains("200 OK") == false)
            }
            let long = try await registry.send(.GET, "/v2/" + String(repeating: "a", count: 10_000))
            #expect(long.status == 414)
        }
    }

    @Test("more than there may be is told so")
    func tooMany() async throws {
        try await LocalRegistry.with({ $0.limits.connections = 3 }) { registry in
            let (answer, held) = try await RawConnection.talk(registry.port) { [registry] first in
                // Which of several that come at once is the last is nobody's to say: each is served before the next one comes.
                let request = "GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n"
                var served = [first]
                for number in 0..<3 {
                    if number > 0 { served.append(try RawConnection(port: registry.port)) }
                    served[number].write(request)
                    guard served[number].isAnswered() else { return (String?.none, number) }
                }
                let last = try RawConnection(port: registry.port)
                last.write(request)
                let text = last.readToEnd()
                return (text, served.count)
            }
            #expect(held == 3)
            #expect(answer?.hasPrefix("HTTP/1.1 503") == true)
            #expect(try await eventually { try await registry.send(.GET, "/v2/").status == 200 })
        }
    }

    @Test("gets the part of a blob that it asks for, and can put the parts together")
    func ranges() async throws {
        try await LocalRegistry.with { registry in
            let bytes = noise((3 << 20) + 17, seed: 4)
            let path = "/v2/shop/blobs/\(try await registry.push(bytes, to: "shop"))"
            let middle = 1_234_567
            let head = try await registry.send(.GET, path, ["range": "bytes=0-\(middle - 1)"])
            let tail = try await registry.send(.GET, path, ["range": "bytes=\(middle)-"])
            #expect(head.status == 206 && tail.status == 206)
            #expect(tail.header("content-range") == "bytes \(middle)-\(bytes.count - 1)/\(bytes.count)")
            #expect(head.body + tail.body == bytes)
            let none = try await registry.send(.GET, path, ["range": "bytes=\(bytes.count)-"])
            #expect(none.status == 416 && none.header("content-range") == "bytes */\(bytes.count)")
            #expect(try await registry.send(.GET, path, ["range": "bytes=5-1"]).body == bytes)
            let empty = try await registry.push([], to: "shop")
            #expect(try await registry.send(.GET, "/v2/shop/blobs/\(empty)").body.isEmpty)
        }
    }

    @Test("asks for a catalogue of any length, and gets what a page may have")
    func catalogue() async throws {
        struct Catalogue: Decodable { var repositories: [String] }
        try await LocalRegistry.with({ $0.limits.page = 3 }) { registry in
            for name in ["d", "b", "a/x", "c", "a"] { try await registry.push([1], to: name) }
            let page = try await registry.send(.GET, "/v2/_catalog?n=2147483648")
            #expect(try page.json(Catalogue.self).repositories == ["a", "a/x", "b"])
            let link = try #require(page.header("link"))
            #expect(link == "</v2/_catalog?n=3&last=b>; rel=\"next\"")
            let rest = try await registry.send(.GET, String(link.dropFirst().prefix { $0 != ">" }))
            #expect(try rest.json(Catalogue.self).repositories == ["c", "d"] && rest.header("link") == nil)
        }
    }
}
