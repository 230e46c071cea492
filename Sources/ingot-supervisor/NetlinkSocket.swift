import CNetlink
import Glibc

/// A socket to the kernel's routing tables, of the network namespace in which it was opened.
final class NetlinkSocket {
    private let socket: OpaquePointer

    init() throws(SupervisorError) {
        guard let socket = nl_socket_alloc() else { throw SupervisorError("no memory for a netlink socket") }
        self.socket = socket
        try check(nl_connect(socket, NETLINK_ROUTE), "opening a netlink socket")
    }

    deinit { nl_socket_free(socket) }

    private func check(_ result: Int32, _ what: String) throws(SupervisorError) {
        guard result >= 0 else { throw SupervisorError("\(what) failed: \(String(cString: nl_geterror(result)))") }
    }

    /// Makes two interfaces that are joined; the second in the network namespace that `namespace` is open on.
    func addVirtualEthernet(_ name: String, peer peerName: String, in namespace: Int32) throws(SupervisorError) {
        guard let link = rtnl_link_veth_alloc() else { throw SupervisorError("no memory for an interface") }
        defer { rtnl_link_veth_release(link) }
        rtnl_link_set_name(link, name)
        let peer = rtnl_link_veth_get_peer(link)
        defer { rtnl_link_put(peer) }
        rtnl_link_set_name(peer, peerName)
        rtnl_link_set_ns_fd(peer, namespace)
        try check(rtnl_link_add(socket, link, NLM_F_CREATE | NLM_F_EXCL), "making the interface \(name)")
    }

    func interfaceIndex(of name: String) throws(SupervisorError) -> Int32 {
        var link: OpaquePointer?
        try check(rtnl_link_get_kernel(socket, 0, name, &link), "finding the interface \(name)")
        defer { rtnl_link_put(link) }
        return rtnl_link_get_ifindex(link)
    }

    /// Waits until an interface that is up also carries packets, at most a second.
    ///
    /// The kernel notices that the other end has come up in work of its own, and until then drops what is sent, silently.
    /// Lost is then the first request for the neighbour, or the first packet of a connection; both are repeated after a
    /// second only. Asking for the interface makes newer kernels notice at once.
    ///
    /// Source: Linux, net/core/link_watch.c, `linkwatch_do_dev`; `IFF_RUNNING` in netdevice(7).
    func waitUntilRunning(_ index: Int32) throws(SupervisorError) {
        for _ in 0..<2_000 {
            if try flags(of: index) & UInt32(IFF_RUNNING) != 0 { return }
            usleep(500)
        }
    }

    private func flags(of index: Int32) throws(SupervisorError) -> UInt32 {
        var link: OpaquePointer?
        try check(rtnl_link_get_kernel(socket, index, nil, &link), "looking at interface \(index)")
        defer { rtnl_link_put(link) }
        return rtnl_link_get_flags(link)
    }

    /// Brings an interface up, without the IPv6 address that it would give itself.
    func bringUp(_ index: Int32) throws(SupervisorError) {
        let link = rtnl_link_alloc()
        let change = rtnl_link_alloc()
        defer {
            rtnl_link_put(link)
            rtnl_link_put(change)
        }
        rtnl_link_set_ifindex(link, index)
        rtnl_link_set_flags(change, UInt32(IFF_UP))
        // In this form, and not as a setting, because the host's settings are not seen from here. A
        // kernel without IPv6 refuses it, and needs it as little.
        if access("/proc/sys/net/ipv6", F_OK) == 0 { rtnl_link_inet6_set_addr_gen_mode(change, Self.noAddress) }
        try check(rtnl_link_change(socket, link, change, 0), "bringing up interface \(index)")
    }

    /// Source: linux/if_link.h, IN6_ADDR_GEN_MODE_NONE.
    private static let noAddress: UInt8 = 1

    func removeInterface(_ name: String) {
        guard let index = try? interfaceIndex(of: name) else { return }
        let link = rtnl_link_alloc()
        rtnl_link_set_ifindex(link, index)
        rtnl_link_delete(socket, link)
        rtnl_link_put(link)
    }

    /// Adds an address of its own network, `/32`.
    func addAddress(_ address: IPv4Address, scope: RouteScope, to index: Int32) throws(SupervisorError) {
        let entry = rtnl_addr_alloc()
        let local = Self.network(address)
        defer {
            nl_addr_put(local)
            rtnl_addr_put(entry)
        }
        rtnl_addr_set_ifindex(entry, index)
        rtnl_addr_set_family(entry, AF_INET)
        rtnl_addr_set_scope(entry, scope.value)
        try check(rtnl_addr_set_local(entry, local), "adding an address")
        try check(rtnl_addr_add(socket, entry, NLM_F_CREATE | NLM_F_REPLACE), "adding an address to interface \(index)")
    }

    /// Adds, or replaces, a route. `nil` for the destination is everywhere; `nil` for the gateway is the link itself.
    func addRoute(
        to destination: IPv4Address?, through gateway: IPv4Address?, source: IPv4Address?, on index: Int32
    ) throws(SupervisorError) {
        let route = rtnl_route_alloc()
        defer { rtnl_route_put(route) }
        rtnl_route_set_family(route, UInt8(AF_INET))
        rtnl_route_set_table(route, UInt32(RT_TABLE_MAIN.rawValue))
        rtnl_route_set_protocol(route, UInt8(RTPROT_BOOT))
        rtnl_route_set_scope(route, UInt8(gateway == nil ? RouteScope.link.value : RouteScope.universe.value))
        let target = destination.map(Self.network) ?? Self.everywhere()
        defer { nl_addr_put(target) }
        rtnl_route_set_dst(route, target)
        setSource(source, of: route)
        addHop(to: route, through: gateway, on: index)
        try check(rtnl_route_add(socket, route, NLM_F_CREATE | NLM_F_REPLACE), "adding a route on interface \(index)")
    }

    private func setSource(_ source: IPv4Address?, of route: OpaquePointer?) {
        guard let source else { return }
        let address = Self.network(source)
        rtnl_route_set_pref_src(route, address)
        nl_addr_put(address)
    }

    /// The route owns its hop from here on.
    private func addHop(to route: OpaquePointer?, through gateway: IPv4Address?, on index: Int32) {
        let hop = rtnl_route_nh_alloc()
        rtnl_route_nh_set_ifindex(hop, index)
        if let gateway {
            let address = Self.network(gateway)
            rtnl_route_nh_set_gateway(hop, address)
            nl_addr_put(address)
        }
        rtnl_route_add_nexthop(route, hop)
    }

    private static func network(_ address: IPv4Address) -> OpaquePointer? {
        var bytes = address.bytes
        return nl_addr_build(AF_INET, &bytes, bytes.count)
    }

    private static func everywhere() -> OpaquePointer? {
        var bytes: [UInt8] = [0, 0, 0, 0]
        let address = nl_addr_build(AF_INET, &bytes, bytes.count)
        nl_addr_set_prefixlen(address, 0)
        return address
    }
}

/// How far an address or route reaches. Source: rtnetlink(7), `rtm_scope`.
enum RouteScope {
    case universe, link
    var value: Int32 { self == .universe ? 0 : 253 }
}
