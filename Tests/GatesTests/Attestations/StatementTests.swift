import IngotModel
import Testing

@testable import Gates

struct StatementTests {
    static let digest = Digest(bytes: [UInt8](repeating: 0xab, count: 32))
    static let passed = TestResultPredicate(
        result: .passed, configuration: [ResourceDescriptor(name: "ingot.yaml")], passedTests: ["unit", "smoke"], failedTests: [])

    static func text(_ members: String) -> [UInt8] { Array("{\(members)}".utf8) }
    static let subject = #""subject":[{"name":"shop","digest":{"sha256":"\#(digest.hex)"}}]"#
    static let type = #""_type":"https://in-toto.io/Statement/v1""#

    @Test func aStatementIsReadAsItWasWritten() throws {
        let statement = try Statement(about: Subject(name: "shop", digest: Self.digest), Self.passed)
        let read = try Statement.decode(statement.encode())
        #expect(read == statement)
        #expect(try read.predicate(as: TestResultPredicate.self) == Self.passed)
        #expect(read.isAbout(Self.digest))
        #expect(!read.isAbout(Digest(bytes: [UInt8](repeating: 1, count: 32))))
    }

    @Test func aStatementIsRestatedAboutOneSubjectAlone() throws {
        let statement = try Statement(about: Subject(name: "planted", digest: Self.digest), Self.passed)
        let restated = try statement.restated(about: Subject(name: nil, digest: Self.digest))
        #expect(restated.subjects == [Subject(name: nil, digest: Self.digest)])
        #expect(restated.predicateType == statement.predicateType && restated.predicate == statement.predicate)
        var several = statement
        several.subjects.append(Subject(name: nil, digest: Digest(bytes: [UInt8](repeating: 1, count: 32))))
        #expect(throws: GateError.self) { try several.restated(about: Subject(name: nil, digest: Self.digest)) }
    }

    @Test func theSameStatementHasTheSameBytes() throws {
        let statement = try Statement(about: Subject(name: "shop", digest: Self.digest), Self.passed)
        let expected =
            #"{"_type":"https://in-toto.io/Statement/v1","predicate":{"configuration":[{"name":"ingot.yaml"}],"failedTests":[],"#
            + #""passedTests":["unit","smoke"],"result":"PASSED"},"predicateType":"https://in-toto.io/attestation/test-result/v0.1","#
            + #""subject":[{"digest":{"sha256":"\#(Self.digest.hex)"},"name":"shop"}]}"#
        #expect(String(decoding: try statement.encode(), as: UTF8.self) == expected)
    }

    @Test func aPredicateThatNobodyKnowsIsKeptAsItStands() throws {
        let predicate = #"{ "number": 123456789012345678901234567890, "text": "\u00e9" }"#
        let read = try Statement.decode(Self.text(#"\#(Self.type),\#(Self.subject),"predicateType":"urn:x","predicate":\#(predicate)"#))
        #expect(read.predicate == Array(predicate.utf8))
        #expect(try Statement.decode(read.encode()) == read)
        #expect(throws: GateError.self) { try read.predicate(as: TestResultPredicate.self) }
    }

    @Test func whatTheOlderTypeSaysIsReadToo() throws {
        let text = Self.text(#""_type":"https://in-toto.io/Statement/v0.1","predicateType":"urn:x","predicate":{},"more":1,\#(Self.subject)"#)
        #expect(try Statement.decode(text).isAbout(Self.digest))
    }

    @Test(arguments: [
        "", #""predicateType":"urn:x","predicate":{},"subject":[{"digest":{}}]"#,
        #"\#(type),"predicateType":"urn:x","predicate":{},"subject":[]"#,
        #"\#(type),"predicateType":"urn:x","predicate":{},"subject":{}"#,
        #"\#(type),"predicateType":"no uri","predicate":{},\#(subject)"#,
        #"\#(type),"predicateType":"","predicate":{},\#(subject)"#,
        #"\#(type),"predicate":{},\#(subject)"#,
        #"\#(type),"predicateType":"urn:x","predicate":[],\#(subject)"#,
        #"\#(type),"predicateType":"urn:x","predicate":{"a":1,"a":2},\#(subject)"#,
        #"\#(type),"predicateType":"urn:x","predicate":{"a":1,"\u0061":2},\#(subject)"#,
        #"\#(type),"predicateType":"urn:x","predicate":{},\#(subject),\#(subject)"#,
        #""_type":"https://in-toto.io/Statement/v2","predicateType":"urn:x","predicate":{},\#(subject)"#,
    ])
    func whatIsNoStatementIsRefused(_ members: String) {
        #expect(throws: GateError.self) { try Statement.decode(Self.text(members)) }
    }

    @Test(arguments: [
        "", "{", "{}{}", "{} x", "[1,]", #"{"a" 1}"#, #"{"a":01}"#, #"{"a":1.}"#, #"{"a":1e}"#, #"{"a":tru}"#, #"{"a":"\x"}"#, "{\"a\":\"\n\"}",
        #"{"a":"\"#, #"{"a":"\ud800"}"#, #"{"a":NaN}"#, #"{'a':1}"#, #"{"a":1,}"#, "-", "{\"a\":1}\0", "\u{feff}{}",
    ])
    func whatIsNoStrictJSONIsRefused(_ text: String) {
        #expect(throws: GateError.self) { _ = try StrictJSON.members(of: Array(text.utf8), "a test", limits: .standard) }
    }

    @Test func whatIsNotUTF8IsRefused() {
        let text = Array(#"{"a":""#.utf8) + [0xff] + Array(#""}"#.utf8)
        #expect(throws: GateError.self) { _ = try StrictJSON.members(of: text, "a test", limits: .standard) }
    }

    @Test func depthSizeAndSubjectsAreBounded() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: GateError.self) { _ = try StrictJSON.members(of: Array(deep.utf8), "a test", limits: .standard) }
        let long = Self.text(#""a":"\#(String(repeating: "x", count: 2_000))""#)
        #expect(throws: GateError.self) { _ = try StrictJSON.members(of: long, "a test", limits: AttestationLimits(documentBytes: 2_000)) }
        let many = String(repeating: "{},", count: 1_001).dropLast()
        #expect(throws: GateError.self) {
            try Statement.decode(Self.text(#"\#(Self.type),"predicateType":"urn:x","predicate":{},"subject":[\#(many)]"#))
        }
    }
}
