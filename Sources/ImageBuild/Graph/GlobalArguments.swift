import ImageStore

/// The values of ARG that stages may ask for.
struct GlobalArguments: Sendable {
    /// From the command line.
    var given: [String: String]
    /// Declared before the first FROM, or by the language itself.
    var declared: [String: String]

    /// Those that programs in a RUN need to reach the network, given without being declared. They are no part of a key.
    ///
    /// Source: Dockerfile reference, "Predefined ARGs".
    static let predefined = [
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy",
    ]

    init(_ dockerfile: Dockerfile, given: [String: String]) throws(BuildError) {
        self.given = given
        let architecture = ImageConfiguration.hostArchitecture
        declared = [
            "TARGETPLATFORM": "linux/\(architecture)", "TARGETOS": "linux", "TARGETARCH": architecture, "TARGETVARIANT": "",
            "BUILDPLATFORM": "linux/\(architecture)", "BUILDOS": "linux", "BUILDARCH": architecture, "BUILDVARIANT": "",
        ]
        for argument in dockerfile.arguments {
            let expansion = VariableExpansion(declared, escape: dockerfile.escape)
            let own: String? = if let value = argument.value { try expansion.expand(value) } else { nil }
            declared[argument.name] = given[argument.name] ?? own
        }
    }

    /// Proxies for the environment of a RUN.
    var proxies: [String: String] { given.filter { Self.predefined.contains($0.key) } }

    /// Given names that no ARG asks for: most likely misspelled.
    func unused(in dockerfile: Dockerfile) -> [String] {
        var names = Set(dockerfile.arguments.map(\.name)).union(Self.predefined)
        for instruction in dockerfile.stages.flatMap(\.instructions) {
            if case .argument(let declarations) = instruction.kind { names.formUnion(declarations.map(\.name)) }
        }
        return given.keys.filter { !names.contains($0) }.sorted()
    }
}
