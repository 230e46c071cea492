import Glibc

/// The instance's network: one interface pair, routed point to point, with no bridge and no neighbours.
struct Network {
    private let host: NetlinkSocket
    private let hostInterface: String

    static let instanceInterface = "eth0"

    /// - Parameter host: a socket opened before this process left the host's network namespace.
    init(instance: String, host: NetlinkSocket) {
        self.host = host
        hostInterface = "ig\(instance)"
    }

    /// Joins the namespace of this process to the host's.
    ///
    /// The host knows the instance's address as one route, and the instance knows the gateway as one.
    /// So no address resolution goes wrong, replies take the way the requests came, and strict
    /// reverse path filters (`rp_filter`) agree.
    func connect(address: IPv4Address, gateway: IPv4Address) throws(SupervisorError) {
        configureNamespace()
        try makePair()
        let inside = try NetlinkSocket()
        try inside.bringUp(inside.interfaceIndex(of: "lo"))
        let index = try inside.interfaceIndex(of: Self.instanceInterface)
        try inside.addAddress(address, scope: .universe, to: index)
        let hostIndex = try host.interfaceIndex(of: hostInterface)
        try host.addAddress(gateway, scope: .link, to: hostIndex)
        try host.bringUp(hostIndex)
        try inside.bringUp(index)
        try inside.addRoute(to: gateway, through: nil, source: nil, on: index)
        try inside.addRoute(to: nil, through: gateway, source: address, on: index)
        try host.waitUntilRunning(hostIndex)
        try inside.waitUntilRunning(index)
        // Last: a connection that is tried before can't be answered, and would only be tried again by TCP after a second.
        try host.addRoute(to: address, through: nil, source: gateway, on: hostIndex)
    }

    /// Takes the pair away at once; it would go with the namespace, a little later.
    func disconnect() { host.removeInterface(hostInterface) }

    /// No IPv6; and any port may be listened on by any user, as the namespace holds one service only.
    private func configureNamespace() {
        for scope in ["all", "default"] { SmallFile.writeSetting("1", to: "/proc/sys/net/ipv6/conf/\(scope)/disable_ipv6") }
        SmallFile.writeSetting("0", to: "/proc/sys/net/ipv4/ip_unprivileged_port_start")
    }

    private func makePair() throws(SupervisorError) {
        let namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)
        guard namespace >= 0 else { throw .systemCall("open", on: "/proc/self/ns/net") }
        defer { close(namespace) }
        try host.addVirtualEthernet(hostInterface, peer: Self.instanceInterface, in: namespace)
    }
}
