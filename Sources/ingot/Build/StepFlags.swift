import ArgumentParser
import ImageBuild
import IngotModel

/// What RUN gets: secrets, networks, limits.
struct StepFlags: ParsableArguments {
    @Option(help: ArgumentHelp("For RUN --mount=type=secret: id=NAME,src=FILE or id=NAME,env=NAME; may be given again.", valueName: "secret"))
    var secret: [String] = []
    @Option(help: ArgumentHelp("For RUN --mount=type=ssh: default, or NAME=SOCKET, or NAME=KEY; may be given again.", valueName: "agent"))
    var ssh: [String] = []
    @Option(help: ArgumentHelp("The network of RUN: default, host or none.", valueName: "network")) var network: String?
    @Option(help: ArgumentHelp("A line of /etc/hosts for RUN; may be given again.", valueName: "host:address")) var addHost: [String] = []
    @Option(name: .shortAndLong, help: ArgumentHelp("The memory that a RUN may use, such as 512m or 2GiB.", valueName: "size"), transform: Self.size)
    var memory: ByteSize?
    @Option(help: ArgumentHelp("The processors that a RUN may use, such as 1.5.", valueName: "number")) var cpus: Double?
    @Option(help: ArgumentHelp("What RUN may do beyond: security.insecure; may be given again.", valueName: "right")) var allow: [String] = []
    @Flag(help: "When a RUN fails, give a shell in it, with its files and mounts, before all is cleared away.") var interactiveOnError = false

    func validate() throws {
        if let cpus, !(cpus > 0 && cpus <= 100_000) { throw ValidationError("--cpus takes a number above 0, such as 1.5.") }
        for host in addHost where Self.host(host) == nil { throw ValidationError("--add-host takes HOST:ADDRESS, not '\(host)'.") }
        for right in allow where !["security.insecure", "network.host"].contains(right) {
            throw ValidationError("--allow takes security.insecure or network.host, not '\(right)'.")
        }
    }

    func apply(to request: inout BuildRequest) throws {
        for text in secret {
            let (id, secret) = try BuildSecret.parse(text)
            request.secrets[id] = secret
        }
        for text in ssh {
            let (id, source) = try SSHSource.parse(text)
            request.sshAgents[id] = source
        }
        if let network { request.network = try RunNetwork(text: network) }
        for (name, address) in addHost.compactMap(Self.host) { request.addedHosts[name] = address }
        request.memoryLimit = memory
        request.processorLimit = cpus
        request.allowsInsecure = allow.contains("security.insecure")
    }

    /// `host:address` and `host=address`; an address of IPv6 may stand in brackets.
    static func host(_ text: String) -> (String, String)? {
        guard let end = text.firstIndex(where: { $0 == ":" || $0 == "=" }) else { return nil }
        let name = String(text[..<end])
        var address = String(text[text.index(after: end)...])
        if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
        let isPlain = { (text: String) in !text.isEmpty && text.allSatisfy { !$0.isWhitespace && $0.isASCII } }
        return isPlain(name) && isPlain(address) ? (name, address) : nil
    }

    /// As Docker has it, in powers of 1024 (`512m`, `2g`, a bare number of bytes), and with the units that all of Ingot has.
    static func size(_ text: String) throws -> ByteSize {
        let units: [Character: String] = ["b": "B", "k": "KiB", "m": "MiB", "g": "GiB"]
        let unit = text.last.flatMap { units[Character($0.lowercased())] }
        let isDockers = unit != nil && text.dropLast().allSatisfy { $0.isNumber || $0 == "." }
        guard let size = ByteSize(text: isDockers ? text.dropLast() + (unit ?? "") : text), size.bytes > 0 else {
            throw ValidationError("'\(text)' is no size; write one such as 512m or 2GiB.")
        }
        return size
    }
}
