import ImageStore

/// The values of ARG that stages may ask for.
struct GlobalArguments: Sendable {
    /// From the command line.
    var given: [String: String]
    /// Declared before the first FROM, or by the language itself. FROM sees them; a stage sees those that it declares again.
    var declared: [String: String]
    /// What the image is built for.
    let platform: Platform

    /// Those that programs in a RUN need to reach the network, given without being declared. They are no part of a key.
    ///
    /// Source: Dockerfile reference, "Predefined ARGs".
    static let predefined = [
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy",
    ]

    /// - Parameter target: the stage that is built, for `TARGETSTAGE`.
    init(
        _ dockerfile: Dockerfile, given: [String: String], platform: Platform = .host, target: String? = nil
    ) throws(BuildError) {
        self.given = given
        self.platform = platform
        let own = Self.own(target: platform, stage: target ?? dockerfile.stages.last?.name ?? "default")
        declared = own.merging(given.filter { own[$0.key] != nil }) { _, given in given }
        for argument in dockerfile.arguments {
            let expansion = VariableExpansion(declared, escape: dockerfile.escape)
            if let value = given[argument.name] {
                declared[argument.name] = value
            } else if let value = argument.value {
                declared[argument.name] = try expansion.expand(value)
            }
        }
    }

    /// Source: Dockerfile reference, "Automatic platform ARGs in the global scope".
    private static func own(target: Platform, stage: String) -> [String: String] {
        let host = Platform.host
        return [
            "TARGETPLATFORM": "\(target)", "TARGETOS": target.os, "TARGETOSVERSION": "", "TARGETARCH": target.architecture,
            "TARGETVARIANT": target.variant ?? "", "TARGETSTAGE": stage, "BUILDPLATFORM": "\(host)", "BUILDOS": host.os, "BUILDOSVERSION": "",
            "BUILDARCH": host.architecture, "BUILDVARIANT": host.variant ?? "",
        ]
    }

    /// Names that FROM may use without declaring them.
    static let ownNames = Set(own(target: .host, stage: "").keys)

    /// Proxies for the environment of a RUN.
    var proxies: [String: String] { given.filter { Self.predefined.contains($0.key) } }

    /// Given names that no ARG asks for: most likely misspelled.
    func unused(in dockerfile: Dockerfile) -> [String] {
        var names = Set(dockerfile.arguments.map(\.name)).union(Self.predefined).union(Self.ownNames)
        for instruction in dockerfile.stages.flatMap(\.instructions) {
            if case .argument(let declarations) = instruction.kind { names.formUnion(declarations.map(\.name)) }
        }
        return given.keys.filter { !names.contains($0) }.sorted()
    }
}
