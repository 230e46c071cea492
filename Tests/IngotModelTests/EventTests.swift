import IngotModel
import Testing

@Suite("Events")
struct EventTests {
    @Test("an event stands in JSON in words, and what is not known is left out")
    func inJSON() throws {
        let event = Event(
            sequence: 3, at: Timestamp(secondsSince1970: 0), actor: "user:root", action: .rolloutStarted,
            environment: EnvironmentID(text: "shop/production"), release: ReleaseNumber(2), message: "deploy release 2",
            previous: Digest(bytes: repeatElement(0, count: 32)))
        let zeros = String(repeating: "0", count: 64)
        let text =
            #"{"action":"rollout.started","actor":"user:root","at":"1970-01-01T00:00:00.000Z","environment":"shop/production","#
            + #""message":"deploy release 2","previous":"sha256:\#(zeros)","release":2,"sequence":3}"#
        #expect(try json(event) == text)
        #expect(try value(Event.self, from: text) == event)
    }

    @Test("every action is written noun.verb", arguments: Event.Action.allCases)
    func words(action: Event.Action) {
        let parts = action.rawValue.split(separator: ".")
        #expect(parts.count == 2 && action.rawValue.allSatisfy { $0.isLowercase || $0 == "." })
    }
}
