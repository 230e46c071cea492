// swift-format-ignore-file: NeverForceUnwrap

import Foundation
import Glibc
import IngotModel
import Synchronization
import SystemPackage
import Testing

@testable import Gates

/// Answers one request after the other on a port of this machine, each by what the test makes of its head; for one test.
final class OneFileServer: Sendable {
    let port: UInt16
    private let socket: Int32
    private let heads = Mutex<[String]>([])

    var requests: [String] { heads.withLock { $0 } }

    init(_ answer: @escaping @Sendable (String) -> String) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (code, port) = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                let code = bind(socket, general, length) | listen(socket, 8) | getsockname(socket, general, &length)
                return (code, pointer.pointee.sin_port)
            }
        }
        guard code == 0 else { throw Errno(rawValue: errno) }
        self.socket = socket
        self.port = UInt16(bigEndian: port)
        Thread { [self] in
            while case let connection = accept(socket, nil, nil), connection >= 0 {
                var buffer = [UInt8](repeating: 0, count: 1 << 16)
                let count = max(0, read(connection, &buffer, buffer.count))
                let head = String(decoding: buffer[..<count], as: UTF8.self)
                heads.withLock { $0.append(head) }
                let bytes = Array(answer(head).utf8)
                _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                close(connection)
            }
        }.start()
    }

    func stop() {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    static func answer(_ status: String, _ body: String = "", headers: String = "") -> String {
        "HTTP/1.1 \(status)\r\ncontent-length: \(body.utf8.count)\r\nconnection: close\r\n\(headers)\r\n\(body)"
    }
}

@Suite("Where advisories come from, again") struct AdvisoryFeedTests {
    private func withServer(
        _ answer: @escaping @Sendable (String) -> String, _ body: (OneFileServer, AdvisoryFolder, AdvisoryFeed) async throws -> Void
    ) async throws {
        let server = try OneFileServer(answer)
        defer { server.stop() }
        let feed = AdvisoryFeed(format: .osv, location: "http://127.0.0.1:\(server.port)/pypi.jsonl", origin: "pypi")
        try await body(server, AdvisoryFolder(), feed)
    }

    @Test("from an address only what has changed is fetched, and the catalog knows where it was from")
    func unchanged() async throws {
        let answer: @Sendable (String) -> String = { head in
            head.contains("if-none-match: \"one\"")
                ? OneFileServer.answer("304 Not Modified")
                : OneFileServer.answer("200 OK", OSVText.record("PYSEC-1") + "\n" + OSVText.record("PYSEC-2"), headers: "etag: \"one\"\r\n")
        }
        try await withServer(answer) { server, folder, feed in
            let first = try await feed.import(into: folder.index, at: .test)
            #expect(!first.isUnchanged && first.source.advisories == 2 && first.source.entityTag == "\"one\"")
            let again = try #require(AdvisoryFeed(try folder.open().catalog.sources[0]))
            #expect(again == feed)
            let second = try await again.import(into: folder.index, at: .test + .minutes(60))
            #expect(second.isUnchanged && second.source.importedAt == .test && server.requests.count == 2)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path.string).sorted() == ["index", "index.lock"])
        }
    }

    @Test(
        "what can't be had or read is an error that says why, and what was there stays",
        arguments: [
            (OneFileServer.answer("404 Not Found"), "the server answers 404"),
            (OneFileServer.answer("302 Found", headers: "location: http://elsewhere/\r\n"), "it is elsewhere, at http://elsewhere/"),
            (OneFileServer.answer("304 Not Modified"), "the server answers 304"),
            (OneFileServer.answer("200 OK", "{\"id\": 7}"), "is no advisory that can be read"),
            ("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{}", "could not be fetched"),
        ])
    func failures(_ answer: String, _ says: String) async throws {
        try await withServer({ _ in answer }) { _, folder, feed in
            try folder.add(.osv, OSVText.record("PYSEC-1"), as: "before.json")
            let error = try #require(await #expect(throws: GateError.self) { _ = try await feed.import(into: folder.index, at: .test) })
            #expect(error.message.contains(says), "\(error.message)")
            #expect(try folder.open().catalog.sources.map(\.origin) == ["before.json"])
        }
    }

    @Test("more than the limit is refused, and so is plain HTTP from another machine")
    func limits() async throws {
        let folder = try AdvisoryFolder()
        try await withServer({ _ in OneFileServer.answer("200 OK", String(repeating: "x", count: 5_000)) }) { _, _, feed in
            var download = AdvisoryDownload()
            download.largest = 1_000
            await #expect(throws: GateError.self) { _ = try await download.fetch(feed.location, unlessTag: nil, into: folder.path) }
        }
        let error = await #expect(throws: GateError.self) {
            _ = try await AdvisoryDownload().fetch("http://advisories.example/all.zip", unlessTag: nil, into: folder.path)
        }
        #expect(error?.message.contains("use https") == true)
    }

    @Test("a download without dates of its own is as old as its server says, and as young as its server's last word that it is the same")
    func age() async throws {
        let answer: @Sendable (String) -> String = { head in
            let body = #"{"a":{"CVE-1":{"releases":{"bookworm":{"status":"open"}}}}}"#
            guard head.contains("dated.json") else { return OneFileServer.answer("200 OK", body) }
            return head.contains("if-none-match: \"one\"")
                ? OneFileServer.answer("304 Not Modified")
                : OneFileServer.answer("200 OK", body, headers: "etag: \"one\"\r\nlast-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n")
        }
        try await withServer(answer) { server, folder, _ in
            let dated = AdvisoryFeed(format: .debian, location: "http://127.0.0.1:\(server.port)/dated.json")
            #expect(try await dated.import(into: folder.index, at: .test).source.knownAt.text == "2026-01-01T00:00:00.000Z")
            let other = AdvisoryFeed(format: .debian, location: "http://127.0.0.1:\(server.port)/tracker.json")
            let undated = try await other.import(into: folder.index, at: .test).source
            #expect(undated.newest == nil && undated.knownAt == .test)
            let later = Timestamp.test + .minutes(60)
            let again = try await dated.import(into: folder.index, at: later)
            #expect(again.isUnchanged && again.source.importedAt == .test && again.source.knownAt == later)
            let index = try folder.open()
            #expect(index.catalog.sources.map(\.knownAt).sorted() == [.test, later])
            #expect(try index.advisories(#require(AdvisoryScope("Debian:12")), "a").count == 2)
        }
    }

    @Test("the deadline holds for all of it, also when the head came in time")
    func deadline() async throws {
        let folder = try AdvisoryFolder()
        try await withServer({ _ in OneFileServer.answer("200 OK", OSVText.record("PYSEC-1")) }) { server, _, feed in
            let start = ContinuousClock.now
            var download = AdvisoryDownload()
            // An hour passes as soon as the server is asked.
            download.now = { start + .seconds(server.requests.isEmpty ? 0 : 3_600) }
            let error = await #expect(throws: GateError.self) { _ = try await download.fetch(feed.location, unlessTag: nil, into: folder.path) }
            #expect(error?.message.contains("it takes longer than 30 minutes") == true)
        }
    }

    @Test("a path on this machine is read again, and a source of before it was noted has none")
    func paths() async throws {
        let folder = try AdvisoryFolder()
        let path = try folder.write(OSVText.record("PYSEC-1"), as: "a.json")
        let feed = AdvisoryFeed(format: .osv, location: path.string, origin: "mine")
        #expect(try await !feed.import(into: folder.index, at: .test).isUnchanged)
        try folder.write(OSVText.record("PYSEC-2"), as: "a.json")
        var source = try folder.open().catalog.sources[0]
        #expect(try await AdvisoryFeed(source)?.import(into: folder.index, at: .test).isUnchanged == false)
        #expect(try folder.open().advisories(.pypi, "jinja2").map(\.id) == ["PYSEC-2"])
        source.location = nil
        #expect(AdvisoryFeed(source) == nil)
    }
}
