import Engine
import IngotModel
import Testing

@testable import LocalEngine

@Suite("Firewall")
struct FirewallTests {
    let firewall = Firewall(engine: Samples.engine, range: Samples.range)

    private func entry(_ egress: Egress) throws -> FirewallEntry {
        try LocalEngine.firewallEntry(InstanceID(random: 0xBADCAFE), try #require(IPv4Address("10.77.0.9")), egress)
    }

    @Test("the table is named for its engine and made anew in one transaction")
    func install() throws {
        let text = firewall.install([try entry(.none)])
        #expect(text.hasPrefix("add table inet ingot_abcdef01\ndelete table inet ingot_abcdef01\ntable inet ingot_abcdef01 {"))
        #expect(text.contains("add element inet ingot_abcdef01 interfaces { \"ig0badcafe\" }"))
        #expect(text.contains("add element inet ingot_abcdef01 sources { \"ig0badcafe\" . 10.77.0.9 }"))
        #expect(!text.contains("add element inet ingot_abcdef01 internet"))
        #expect(!text.contains("add element inet ingot_abcdef01 allowed"))
    }

    @Test("an instance with named destinations gets those and not the internet")
    func only() throws {
        let text = firewall.admit([try entry(.only(["10.0.0.5:5432", "192.168.0.0/16:443"]))])
        #expect(text.contains("allowed { 10.77.0.9 . 10.0.0.5 . 5432 }"))
        #expect(text.contains("allowed { 10.77.0.9 . 192.168.0.0/16 . 443 }"))
        #expect(!text.contains("internet"))
    }

    @Test("a peer is one instance at one port, whatever else the instance may reach")
    func peers() throws {
        let peer = InstancePeer(name: "redis", address: "10.77.0.12", port: 6_379)
        let address = try #require(IPv4Address("10.77.0.9"))
        let entry = try LocalEngine.firewallEntry(InstanceID(random: 0xBADCAFE), address, .none, peers: [peer])
        let text = firewall.install([entry])
        #expect(text.contains("peers { 10.77.0.9 . 10.77.0.12 . 6379 }"))
        #expect(!text.contains("allowed {  10.77") && !text.contains("internet { 10.77"))
        // Before what closes the instances to each other.
        let open = try #require(text.firstRange(of: "@peers accept"))
        let closed = try #require(text.firstRange(of: "ip daddr 10.77.0.0/16 drop"))
        #expect(open.lowerBound < closed.lowerBound)
        let files = NetworkFiles(hostname: "shop-1", address: address, egress: .none, peers: [peer])
        #expect(files.hosts == "127.0.0.1 localhost\n10.77.0.9 shop-1\n10.77.0.12 redis\n")
    }

    @Test("what is dismissed is what was admitted")
    func dismissal() throws {
        let entries = [try entry(.internet), try entry(.only(["10.0.0.5:5432"]))]
        #expect(firewall.dismiss(entries) == firewall.admit(entries).replacing("add element", with: "delete element"))
    }

    @Test("destinations that another one holds are left out")
    func overlapping() throws {
        let rules = try EgressRule.rules(of: .only(["10.1.0.0/16:443", "10.0.0.0/8:443", "10.1.0.0/16:80", "10.0.0.0/8:443"]), nameServers: [])
        #expect(Set(rules.map { "\($0.destination):\($0.port)" }) == ["10.0.0.0/8:443", "10.1.0.0/16:80"])
    }

    @Test(
        "a destination that is none is an error that quotes it",
        arguments: [
            "10.0.0.5", "10.0.0.5:0", "10.0.0.5:70000", "db.internal:5432", "10.0.0.1/8:443", ":443", "::1:443", "0.0.0.0/0:443; drop",
        ])
    func impossible(text: String) {
        #expect { try EgressRule.rules(of: .only([text]), nameServers: []) } throws: { error in
            (error as? EngineError)?.message.contains("'\(text)'") == true && (error as? EngineError)?.fault == .user
        }
    }
}
