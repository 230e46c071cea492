import IngotModel
import Testing

@Suite("Names and identifiers")
struct IdentifierTests {
    @Test("a name is a DNS label of 40 characters at most", arguments: ["a", "shop", "pr-12", "a--b", String(repeating: "x", count: 40)])
    func names(text: String) throws {
        #expect(try #require(ServiceName(text)).name == text)
        #expect(try value(EnvironmentName.self, from: json(#require(EnvironmentName(text)))).text == text)
    }

    @Test(
        "what could not be a host, a file and an interface is no name",
        arguments: ["", "-a", "a-", "1a", "Shop", "a_b", "a.b", "a/b", "..", "é", "a b", "a\n", "a\u{0}", String(repeating: "x", count: 41)])
    func notNames(text: String) {
        #expect(ServiceName(text) == nil)
        #expect(EnvironmentName(text) == nil)
    }

    @Test("an environment is written service/environment")
    func environment() throws {
        let environment = try #require(EnvironmentID(text: "shop/production"))
        #expect(environment.service.name == "shop" && environment.environment.name == "production")
        #expect(environment.text == "shop/production")
    }

    @Test(
        "other texts are no environment", arguments: ["", "shop", "/", "shop/", "/production", "shop/production/1", "shop//production", "Shop/dev"])
    func notEnvironment(text: String) { #expect(EnvironmentID(text: text) == nil) }

    @Test("a fleet is written service/environment/release")
    func fleet() throws {
        let fleet = try #require(FleetID(text: "shop/dev/7"))
        #expect(fleet.release == ReleaseNumber(7) && fleet.text == "shop/dev/7")
    }

    @Test(
        "a fleet has one way of being written",
        arguments: [
            "shop/dev", "shop/dev/", "shop/dev/0", "shop/dev/-1", "shop/dev/+1", "shop/dev/01", "shop/dev/1 ", "shop/dev/99999999999999999999",
        ])
    func notFleet(text: String) { #expect(FleetID(text: text) == nil) }

    @Test("an instance has 8 lower-case hexadecimal digits", arguments: [0, 1, 0xdead_beef, UInt32.max])
    func instance(bits: UInt32) throws {
        let id = InstanceID(random: bits)
        #expect(id.text.utf8.count == 8)
        #expect(InstanceID(text: id.text) == id)
        #expect(UInt32(id.text, radix: 16) == bits)
    }

    @Test("other texts are no instance", arguments: ["", "1234567", "123456789", "DEADBEEF", "1234567g", "１２３４５６７８", "../../ab"])
    func notInstance(text: String) { #expect(InstanceID(text: text) == nil) }

    @Test("numbers are ordered as numbers, not as texts")
    func order() throws {
        let nine = try #require(FleetID(text: "a/b/9")), ten = try #require(FleetID(text: "a/b/10"))
        #expect(nine < ten)
        #expect(Generation(9).next == Generation(10) && Generation(9) < Generation(10))
        #expect(try json(Generation(7)) == "7" && value(ReleaseNumber.self, from: "7") == ReleaseNumber(7))
    }
}
