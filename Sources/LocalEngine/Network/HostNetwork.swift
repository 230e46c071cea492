import CLinux
import Engine
import FoundationEssentials
import Glibc
import IngotModel
import SystemPackage

/// `network.json`: the engine's address range.
struct NetworkState: Hashable, Sendable, Codable {
    var range: AddressRange
    /// The start of the machine in which the range was claimed. Claims do not outlive it.
    var bootID: String
    /// What `net.ipv4.ip_forward` was before the engine switched it on. It is not switched back: others may rely on it by then.
    var forwardingBefore: String
}

/// What the engine needs from this machine's network: a range that is its own, and packets that are passed on.
///
/// A range is claimed by an unreachable route in the main table. The kernel takes only one for a range, so two engines
/// can't have the same; and a packet for an instance that has ended is answered with an error at once, where otherwise
/// it would leave by the default route.
enum HostNetwork {
    private static let forwarding: FilePath = "/proc/sys/net/ipv4/ip_forward"

    /// The range: the one given, else the one of earlier, else a free one. Claimed, and on record in `file`.
    static func prepare(_ wanted: AddressRange?, file: FilePath, random: inout some RandomNumberGenerator) throws(EngineError) -> AddressRange {
        let bootID = trimmed("/proc/sys/kernel/random/boot_id")
        let earlier = try read(file)
        let forwardingBefore = earlier?.forwardingBefore ?? trimmed(forwarding)
        let range: AddressRange
        if let earlier, earlier.bootID == bootID, wanted == nil || wanted == earlier.range {
            range = earlier.range
            _ = claim(range)
        } else {
            range = try claimOne(of: wanted.map { [$0] } ?? choices(preferring: earlier?.range, random: &random))
        }
        try write(NetworkState(range: range, bootID: bootID, forwardingBefore: forwardingBefore), to: file)
        try forward()
        return range
    }

    /// Gives the range back.
    static func release(_ range: AddressRange) {
        _ = ingot_engine_claim_range(range.first.bits, Int32(range.prefixLength), 1)
    }

    /// The name servers that instances can reach: systemd-resolved's own ones stand in a file of their own, because the
    /// address in resolv.conf is one of this machine's loopback. Source: systemd-resolved.service(8).
    static func nameServers() -> [IPv4Address] {
        for path in ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"] as [FilePath] {
            let servers = HostNetworks.nameServers(in: SystemFile.text(path) ?? "").filter { $0.bits >> 24 != 127 }
            if !servers.isEmpty { return servers }
        }
        return []
    }

    /// The `search` and `options` lines of this machine's resolv.conf.
    static func resolverOptions() -> [String] {
        (SystemFile.text("/etc/resolv.conf") ?? "").split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("search ") || $0.hasPrefix("options ") }
    }

    private static func choices(preferring earlier: AddressRange?, random: inout some RandomNumberGenerator) -> [AddressRange] {
        let taken = HostNetworks.routes(in: SystemFile.text("/proc/net/route") ?? "") + nameServers().map(AddressRange.init(only:))
        let choices = AddressRange.choices(avoiding: taken, offset: Int(random.next(upperBound: UInt32.max)))
        return (earlier.map { earlier in taken.contains { $0.overlaps(earlier) } ? [] : [earlier] } ?? []) + choices
    }

    private static func claimOne(of ranges: [AddressRange]) throws(EngineError) -> AddressRange {
        var reason = "every private range overlaps one of this machine's routes"
        for range in ranges {
            let result = claim(range)
            if result == 0 { return range }
            reason = result == -EEXIST ? "\(range) is taken by a route" : "\(range) can't be claimed: \(errorText(-result))"
            if result != -EEXIST { break }
        }
        throw .noRange(reason)
    }

    private static func claim(_ range: AddressRange) -> Int32 {
        ingot_engine_claim_range(range.first.bits, Int32(range.prefixLength), 0)
    }

    private static func forward() throws(EngineError) {
        guard trimmed(forwarding) != "1" else { return }
        try SystemFile.overwrite(forwarding, with: "1\n")
    }

    private static func read(_ file: FilePath) throws(EngineError) -> NetworkState? {
        guard let bytes = try SystemFile.read(file, limit: EngineLimits.stateFile) else { return nil }
        return try EngineJSON.decode(NetworkState.self, from: bytes, name: file.string)
    }

    private static func write(_ state: NetworkState, to file: FilePath) throws(EngineError) {
        try SystemFile.write(try EngineJSON.encode(state), to: file, isDurable: true)
    }

    private static func trimmed(_ path: FilePath) -> String {
        (SystemFile.text(path) ?? "").filter { !$0.isWhitespace }
    }
}
