import IngotModel

/// What the firewall must know of one instance.
struct FirewallEntry: Hashable, Sendable {
    /// The host's end of its veth pair. Source of the name: the supervisor, `ig` and the instance's id.
    var interface: String
    var address: IPv4Address
    var reachesInternet: Bool
    var rules: [EgressRule]
    /// Other instances that it may open connections to.
    var peers: [EgressRule]

    init(instance: InstanceID, address: IPv4Address, reachesInternet: Bool, rules: [EgressRule], peers: [EgressRule] = []) {
        interface = "ig\(instance)"
        self.address = address
        self.reachesInternet = reachesInternet
        self.rules = rules
        self.peers = peers
    }
}
