import Engine
import IngotModel

/// One destination an instance may open connections to: `10.0.0.5:5432` or `192.168.0.0/16:443`.
struct EgressRule: Hashable, Sendable {
    var destination: AddressRange
    var port: UInt16

    init(destination: AddressRange, port: UInt16) {
        self.destination = destination
        self.port = port
    }

    init?(text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return nil }
        let address = text[..<colon]
        let range = AddressRange(text: String(address)) ?? IPv4Address(address).map(AddressRange.init(only:))
        guard let range else { return nil }
        self.init(destination: range, port: port)
    }

    /// The rules of an `Egress`, without those that another one holds already: the kernel takes no overlapping ranges.
    static func rules(of egress: Egress, nameServers: [IPv4Address]) throws(EngineError) -> [EgressRule] {
        switch egress {
        case .none: return []
        case .internet: return distinct(nameServers.map { EgressRule(destination: AddressRange(only: $0), port: 53) })
        case .only(let texts):
            var rules: [EgressRule] = []
            for text in texts {
                guard let rule = EgressRule(text: text) else { throw .impossibleEgress(text) }
                rules.append(rule)
            }
            return distinct(rules)
        }
    }

    private static func distinct(_ rules: [EgressRule]) -> [EgressRule] {
        Set(rules).sorted { $0.destination.prefixLength < $1.destination.prefixLength }.reduce(into: []) { kept, rule in
            let isHeld = kept.contains { $0.port == rule.port && $0.destination.overlaps(rule.destination) }
            if !isHeld { kept.append(rule) }
        }
    }
}
