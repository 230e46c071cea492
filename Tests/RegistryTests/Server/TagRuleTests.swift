import ImageStore
import IngotModel
import Testing

@testable import RegistryServer

@Suite("A tag")
struct TagRuleTests {
    private static func change(_ tag: String, _ before: UInt8?, _ after: UInt8?) throws -> TagChange {
        let digest = { (byte: UInt8?) in byte.map { Digest(bytes: [UInt8](repeating: $0, count: 32)) } }
        return TagChange(repository: try #require(RepositoryName("shop")), tag: tag, before: digest(before), after: digest(after))
    }

    @Test("that is a version never moves, and never goes", arguments: ["1.2.3", "v1.2.3", "0.0.0", "1.2.3-rc.1", "v10.20.30-a-b"])
    func versions(tag: String) throws {
        let rule = TagRule()
        #expect(try rule.refusal(Self.change(tag, nil, 1)) == nil)
        #expect(try rule.refusal(Self.change(tag, 1, 1)) == nil)
        #expect(try rule.refusal(Self.change(tag, 1, 2))?.contains(tag) == true)
        #expect(try rule.refusal(Self.change(tag, 1, nil)) != nil)
    }

    @Test(
        "that is no version moves and goes",
        arguments: ["main", "1", "1.2", "v1", "1.2.3.4", "1.02.3", "a1.2.3", "1.2.x", "1.2.3-", "vv1.2.3", "1..3", "production"])
    func others(tag: String) throws {
        #expect(try TagRule().refusal(Self.change(tag, 1, 2)) == nil)
        #expect(try TagRule().refusal(Self.change(tag, 1, nil)) == nil)
    }

    @Test("of an environment is moved, made and taken away by nobody who pushes, and 'latest' by nobody at all")
    func promoted() throws {
        let rule = TagRule { $0 == "shop:production" }
        for (before, after) in [(nil, 1), (1, 1), (1, 2), (1, nil)] as [(UInt8?, UInt8?)] {
            #expect(try rule.refusal(Self.change("production", before, after))?.contains("promotion") == true)
            #expect(try rule.refusal(Self.change("staging", before, after)) == nil)
        }
        #expect(try rule.refusal(Self.change("latest", nil, 1))?.contains("latest") == true)
        #expect(try rule.refusal(Self.change("latest", 1, nil)) == nil, "what is there from before can go")
    }
}

@Suite("The patience with a connection")
struct RequestPatienceTests {
    @Test("has an end for a head, and for each piece of a body, and none while the server works")
    func pieces() {
        var patience = RequestPatience(piece: 100)
        #expect(patience.connected() == .restart)
        #expect(patience.headCame() == .restart)
        #expect(patience.bodyCame(60) == .none)
        #expect(patience.bodyCame(60) == .restart)
        #expect(patience.bodyCame(99) == .none)
        #expect(patience.requestEnded() == .stop)
        #expect(patience.answerEnded() == .restart)
    }

    @Test("is not renewed by an answer to a request that has not ended")
    func early() {
        var patience = RequestPatience(piece: 100)
        _ = patience.headCame()
        #expect(patience.answerEnded() == .none)
        #expect(patience.requestEnded() == .restart)
    }

    @Test("goes on while requests wait that came early")
    func pipelined() {
        var patience = RequestPatience(piece: 100)
        for _ in 0..<2 {
            #expect(patience.headCame() == .restart)
            #expect(patience.requestEnded() == .stop)
        }
        #expect(patience.answerEnded() == .none)
        #expect(patience.answerEnded() == .restart)
    }
}
