/// Which of our modules a module may know. The same table stands, for people, in docs/architecture.md.
struct ModuleTable {
    /// Ours.
    static let modules: [String: Set<String>] = [
        "IngotModel": [],
        "API": ["IngotModel"],
        "Manifest": ["IngotModel"],
        "Rollout": ["IngotModel"],
        "Certificates": ["IngotModel"],
        "ImageStore": ["IngotModel", "CLinux", "CArchive", "CISAL", "CZstd"],
        "Registry": ["IngotModel", "ImageStore"],
        "RegistryServer": ["IngotModel", "Certificates", "ImageStore"],
        "ContainerRuntime": ["IngotModel", "CLinux"],
        "ImageBuild": ["IngotModel", "ImageStore", "ContainerRuntime", "CLinux"],
        "Gates": ["IngotModel", "ImageStore", "ContainerRuntime", "CExpat", "CSodium"],
        "Lint": ["IngotModel", "Manifest", "ImageStore", "ImageBuild", "Gates"],
        "Secrets": ["IngotModel", "Manifest", "CSodium"],
        "Engine": ["IngotModel"],
        "LocalEngine": ["IngotModel", "Engine", "ImageStore", "ContainerRuntime", "CLinux", "CNFTables"],
        "Simulation": ["IngotModel", "Rollout", "Engine"],
        "ControlPlane": [
            "IngotModel", "API", "Rollout", "Certificates", "ImageStore", "ContainerRuntime", "Gates", "Secrets", "Engine", "LocalEngine",
        ],
        "Client": ["IngotModel", "API"],
        "ingot": [
            "IngotModel", "API", "Manifest", "ImageStore", "Registry", "RegistryServer", "ContainerRuntime", "ImageBuild", "Gates", "Lint", "Secrets",
            "Client",
            "ControlPlane",
        ],
        "ingot-supervisor": ["CLinux", "CNetlink"],
        "ingot-simulate": ["IngotModel", "Simulation"],
    ]

    /// The modules of other packages that each may import.
    static let packages: [String: Set<String>] = [
        "Manifest": ["Yams"],
        "Certificates": ["Logging", "NIOSSL"],
        "ImageStore": ["Crypto", "SystemPackage"],
        "Registry": ["AsyncHTTPClient", "Crypto", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "Subprocess", "SystemPackage"],
        "RegistryServer": ["Crypto", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "ServiceLifecycle", "SystemPackage"],
        "ImageBuild": ["AsyncHTTPClient", "Crypto", "Logging", "NIOCore", "NIOHTTP1", "Subprocess", "SystemPackage"],
        "LocalEngine": ["Logging", "NIOCore", "NIOPosix", "SystemPackage"],
        "ControlPlane": [
            "AsyncHTTPClient", "Crypto", "GRDB", "HTTPTypes", "Hummingbird", "HummingbirdCore", "Logging", "Metrics", "NIOCore", "NIOHTTP1",
            "NIOPosix",
            "NIOSSL", "ServiceLifecycle", "SystemPackage", "UnixSignals",
        ],
        "Client": ["AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL"],
        "ingot": ["ArgumentParser", "Logging", "ServiceLifecycle", "SystemPackage", "UnixSignals"],
        "Gates": ["AsyncHTTPClient", "Crypto", "NIOCore", "NIOHTTP1", "NIOPosix", "Subprocess", "SystemPackage", "Yams"],
        "Secrets": ["AsyncHTTPClient", "Crypto", "NIOCore", "NIOHTTP1", "NIOSSL"],
        "ingot-simulate": ["ArgumentParser"],
    ]

    /// What comes with the toolchain. Every module may use it but those named below.
    static let toolchain: Set<String> = ["Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Synchronization", "_Concurrency"]

    /// Values and decisions: not even a clock, a file or a lock. A supervisor starts in milliseconds, so it has no Foundation.
    static let toolchainOf: [String: Set<String>] = [
        "IngotModel": [],
        "Rollout": [],
        "API": [],
        "ingot-supervisor": ["Glibc", "Synchronization"],
    ]

    static func mayImport(_ module: String) -> Set<String> {
        (modules[module] ?? []).union(packages[module] ?? []).union(toolchainOf[module] ?? toolchain)
    }
}
