import Engine
import IngotModel
import Testing

@testable import LocalEngine

@Suite("Addresses and ranges")
struct AddressTests {
    @Test(
        "an address is read only in its plain form",
        arguments: [
            ("10.0.0.1", true), ("255.255.255.255", true), ("10.0.0", false), ("10.0.0.256", false), ("10.0.0.1.2", false),
            ("0x0a.0.0.1", false), ("", false), ("10..0.1", false), (" 10.0.0.1", false), ("1e1.0.0.1", false), ("+1.0.0.1", false),
        ])
    func reading(text: String, isAddress: Bool) {
        #expect((IPv4Address(text) != nil) == isAddress)
        if isAddress { #expect(IPv4Address(text)?.description == text) }
    }

    @Test(
        "a range with bits behind its prefix is refused",
        arguments: [
            ("10.77.0.0/16", true), ("0.0.0.0/0", true), ("10.77.0.1/32", true), ("10.77.0.1/16", false), ("10.77.0.0/33", false),
            ("10.77.0.0/-1", false), ("10.77.0.0", false), ("10.77.0.0/", false),
        ])
    func ranges(text: String, isRange: Bool) {
        #expect((AddressRange(text: text) != nil) == isRange)
    }

    @Test("the candidates are private and there are all of them")
    func candidates() {
        #expect(AddressRange.candidates.count == 256 + 16 + 64)
        #expect(AddressRange.candidates.first?.text == "10.0.0.0/16")
        #expect(AddressRange.candidates.last?.text == "100.127.0.0/16")
    }

    @Test("a chosen range overlaps none of the host's routes", arguments: 0..<20)
    func choosing(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let taken = ["10.0.0.0/9", "172.17.0.0/16", "100.64.0.0/12", "192.168.1.0/24"].compactMap(AddressRange.init(text:))
        let choice = try #require(AddressRange.choices(avoiding: taken, offset: Int.random(in: .min ... .max, using: &random)).first)
        #expect(!taken.contains { $0.overlaps(choice) })
    }

    @Test("when everything is taken there is no choice")
    func nothingLeft() throws {
        let everything = try #require(AddressRange(text: "0.0.0.0/0"))
        #expect(AddressRange.choices(avoiding: [everything], offset: 3).isEmpty)
    }

    @Test("the kernel's route table is read, the default route and broken lines are not")
    func routes() {
        let text = """
            Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
            eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
            eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
            *\t0000070A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0
            nonsense
            eth0\tzz\t0\t0\t0\t0\t0\tzz
            """
        #expect(HostNetworks.routes(in: text).map(\.text) == ["192.0.2.0/24", "10.7.0.0/16"])
    }

    @Test("name servers are read from resolv.conf")
    func nameServers() {
        let text = "# a comment\nnameserver 10.0.0.53\nsearch example.com\nnameserver fe80::1\nnameserver\t192.0.2.1 # second\n"
        #expect(HostNetworks.nameServers(in: text).map(\.description) == ["10.0.0.53", "192.0.2.1"])
    }

    @Test("the allocator gives every address but the first and last, each once, and the freed ones last")
    func allocator() throws {
        var allocator = AddressAllocator(range: try #require(AddressRange(text: "10.77.0.0/29")))
        let all = (0..<6).compactMap { _ in allocator.take()?.description }
        #expect(all == (1...6).map { "10.77.0.\($0)" })
        #expect(allocator.take() == nil)
        allocator.free(try #require(IPv4Address("10.77.0.3")))
        #expect(allocator.take()?.description == "10.77.0.3")
    }

    @Test("a freed address is used again as late as possible")
    func late() throws {
        var allocator = AddressAllocator(range: try #require(AddressRange(text: "10.77.0.0/29")))
        let taken = allocator.take()
        let first = try #require(taken)
        allocator.free(first)
        let next = (0..<5).compactMap { _ in allocator.take() }
        #expect(!next.contains(first))
        #expect(allocator.take() == first)
    }

    @Test("a range too small for instances gives nothing", arguments: ["10.77.0.0/31", "10.77.0.0/32"])
    func tooSmall(text: String) throws {
        var allocator = AddressAllocator(range: try #require(AddressRange(text: text)))
        #expect(allocator.take() == nil)
    }
}
