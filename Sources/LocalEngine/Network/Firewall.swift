/// The rules of one engine as nftables commands. Each function's text is one transaction: all of it or none.
///
/// Nothing from an instance is let through but: answers to connections that were opened towards it, the destinations of
/// its `Egress`, its peers, and, for `Egress.internet`, everything that is neither this machine, nor an instance, nor link-local
/// (169.254.0.0/16, where clouds answer with the machine's own credentials). A packet whose source address is not the one
/// of the interface it came by is dropped before anything else looks at it. IPv6 is not given to instances and is dropped.
///
/// Source of the syntax: nft(8).
struct Firewall: Hashable, Sendable {
    /// A table of its own for each engine, so that two on one machine do not meddle with each other.
    let table: String
    let range: AddressRange

    init(engine: EngineID, range: AddressRange) {
        table = "ingot_\(engine.text.prefix(8))"
        self.range = range
    }

    /// Makes the table hold exactly the given instances, whatever was in it.
    func install(_ entries: [FirewallEntry]) -> String {
        """
        add table inet \(table)
        delete table inet \(table)
        table inet \(table) {
          set interfaces { type ifname; }
          set sources { type ifname . ipv4_addr; }
          set internet { type ipv4_addr; }
          set peers { type ipv4_addr . ipv4_addr . inet_service; }
          set allowed { type ipv4_addr . ipv4_addr . inet_service; flags interval; }
          chain spoofed {
            type filter hook prerouting priority raw; policy accept;
            iifname @interfaces meta nfproto ipv6 drop
            iifname @interfaces iifname . ip saddr != @sources drop
          }
          chain to_host {
            type filter hook input priority filter; policy accept;
            iifname @interfaces ct state established,related accept
            iifname @interfaces ip saddr . ip daddr . th dport @allowed accept
            iifname @interfaces drop
          }
          chain through_host {
            type filter hook forward priority filter; policy accept;
            iifname @interfaces jump from_instance
            oifname @interfaces ct state established,related accept
            oifname @interfaces drop
          }
          chain from_instance {
            ct state established,related accept
            ip saddr . ip daddr . th dport @peers accept
            ip daddr \(range) drop
            ip saddr . ip daddr . th dport @allowed accept
            ip daddr 169.254.0.0/16 drop
            ip saddr @internet accept
            drop
          }
          chain way_out {
            type nat hook postrouting priority srcnat; policy accept;
            ip saddr \(range) ip daddr != \(range) masquerade
          }
        }

        """ + admit(entries)
    }

    /// Lets instances have what their entries say. To be done before they run: an interface that is in no set is not ours.
    func admit(_ entries: [FirewallEntry]) -> String { entries.map { elements("add", $0) }.joined() }

    /// Forgets instances that have ended.
    func dismiss(_ entries: [FirewallEntry]) -> String { entries.map { elements("delete", $0) }.joined() }

    /// Takes the whole table away; not an error when there is none.
    func remove() -> String { "add table inet \(table)\ndelete table inet \(table)\n" }

    private func elements(_ verb: String, _ entry: FirewallEntry) -> String {
        var lines = [
            "\(verb) element inet \(table) interfaces { \"\(entry.interface)\" }",
            "\(verb) element inet \(table) sources { \"\(entry.interface)\" . \(entry.address) }",
        ]
        if entry.reachesInternet { lines.append("\(verb) element inet \(table) internet { \(entry.address) }") }
        lines += entry.rules.map { rule in
            "\(verb) element inet \(table) allowed { \(entry.address) . \(Self.text(rule.destination)) . \(rule.port) }"
        }
        lines += entry.peers.map { peer in
            "\(verb) element inet \(table) peers { \(entry.address) . \(Self.text(peer.destination)) . \(peer.port) }"
        }
        return lines.map { "\($0)\n" }.joined()
    }

    private static func text(_ range: AddressRange) -> String { range.prefixLength == 32 ? "\(range.first)" : "\(range)" }
}
