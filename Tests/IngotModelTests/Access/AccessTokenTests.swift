// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import IngotModel
import Simulation
import Testing

@Suite("Tokens, and the texts that they come in")
struct AccessTokenTests {
    private static func token(_ seed: UInt64 = 1) -> AccessToken {
        var random = SeededGenerator(seed: seed)
        return AccessToken(using: &random)
    }

    @Test("a token is read as it was written, and has its fixed length", arguments: 1...50)
    func roundTrip(seed: UInt64) {
        let token = Self.token(seed)
        #expect(AccessToken(text: token.text) == token)
        #expect(token.text.utf8.count == 66 && token.text.hasPrefix("ingot_\(token.id)_"))
    }

    @Test("any changed, missing or further character makes it none")
    func damage() {
        let text = Self.token().text
        for (offset, index) in text.indices.enumerated() {
            var changed = text
            changed.replaceSubrange(index...index, with: text[index] == "x" ? "y" : "x")
            #expect(AccessToken(text: changed) == nil, "at \(offset)")
            #expect(AccessToken(text: String(text.prefix(offset))) == nil)
        }
        for wrong in [text + "0", " " + text, text + "\n", text.uppercased(), text.replacing("_", with: "-"), text.replacing("i", with: "ı"), ""] {
            #expect(AccessToken(text: wrong) == nil, "\(wrong)")
        }
    }

    @Test("nothing that prints a token shows its secret")
    func hidden() {
        let token = Self.token()
        var dumped = ""
        dump(token, to: &dumped)
        for shown in ["\(token)", String(describing: token), String(reflecting: token), dumped, "\([token])", "\(Optional(token) as Any)"] {
            #expect(!shown.contains(token.text.suffix(49).prefix(20)), "\(shown)")
        }
    }

    @Test("two tokens share nothing but their form")
    func differ() {
        let tokens = (1...200).map { Self.token($0) }
        #expect(Set(tokens.map(\.text)).count == 200 && Set(tokens.map(\.id)).count == 200)
    }

    @Test("a header is understood in the one form that there is")
    func header() {
        let text = Self.token().text
        for good in ["Bearer \(text)", "bearer \(text)", "BEARER   \(text)"] {
            #expect(BearerAuthorization.token(in: [good])?.text == text, "\(good)")
        }
        let bad: [[String]] = [
            [], [""], ["Bearer"], ["Bearer "], [text], ["Basic \(text)"], ["Bearer\t\(text)"], ["Bearer \(text) "], ["Bearer \(text),"],
            ["Bearer \(text), Bearer \(text)"], [" Bearer \(text)"], ["Bearer \(text)", "Bearer \(text)"], ["Bearer x"],
        ]
        for values in bad { #expect(BearerAuthorization.token(in: values) == nil, "\(values)") }
    }

    @Test("an actor says the person behind it, with a token or without, and nothing else can be read as one")
    func principals() {
        for text in ["user:alice", "user:alice (token ci)", "ingot"] { #expect(Principal(text: text)?.text == text) }
        #expect(Principal.person(behind: "user:alice (token ci)") == "user:alice")
        #expect(Principal.person(behind: "user:alice") == "user:alice")
        for text in [
            "", " ", "user:alice ", "user:alice (token ci", "user:alice (token ci) ", "user:alice (token )", "user:alice  (token ci)", " (token ci)",
        ] {
            #expect(Principal(text: text) == nil, "\(text)")
            #expect(Principal.person(behind: text) == text)
        }
    }

    @Test("names that could be read as something else are no names of people")
    func subjects() {
        for text in ["user:alice", "group:release-managers", "user:EXAMPLE\\bob", "user:bob@example.com", "user:1000", "user:svc$"] {
            #expect(AccessSubject(text: text)?.text == text)
        }
        let long = String(repeating: "a", count: 65)
        for text in [
            "", "alice", "user:", "group:", "root:alice", "user:a b", "user:a(token", "user:a/b", "user:a:b", "user:ä", "user:a\n", "user:\(long)",
        ] {
            #expect(AccessSubject(text: text) == nil, "\(text)")
        }
    }
}
