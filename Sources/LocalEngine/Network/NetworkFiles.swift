import IngotModel

/// The files by which an instance finds names: `hosts` and `resolv.conf`.
struct NetworkFiles: Hashable, Sendable {
    var hostname: String
    var address: IPv4Address
    var egress: Egress
    var peers: [InstancePeer] = []

    var hosts: String { "127.0.0.1 localhost\n\(address) \(hostname)\n" + peers.map { "\($0.address) \($0.name)\n" }.joined() }

    /// This machine's name servers and options; none for an instance that can open no connection.
    func resolver(_ servers: [IPv4Address], _ options: [String]) -> String {
        guard egress != .none else { return "# no name servers: egress is none\n" }
        return (servers.map { "nameserver \($0)" } + options).map { "\($0)\n" }.joined()
    }
}
