import IngotModel

/// Files that every container is given and no image keeps: names of hosts, where to ask for others, its own.
///
/// Source: moby, `daemon/container_operations_unix.go`; hosts(5), resolv.conf(5).
enum StepFiles {
    static let hostname = "build"

    /// - Parameter added: `--add-host`, address by name.
    static func hosts(added: [String: String]) -> String {
        let own = ["127.0.0.1\tlocalhost \(hostname)", "::1\tlocalhost ip6-localhost ip6-loopback"]
        return (own + added.sorted { $0.key < $1.key }.map { "\($1)\t\($0)" }).map { $0 + "\n" }.joined()
    }

    /// What is where, in the order of paths.
    static func all(added: [String: String], resolver: [UInt8]) -> [(path: String, content: [UInt8])] {
        [
            ("/etc/hostname", Array("\(hostname)\n".utf8)), ("/etc/hosts", Array(hosts(added: added).utf8)), ("/etc/resolv.conf", resolver),
        ]
    }
}
