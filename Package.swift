// swift-tools-version: 6.3
import PackageDescription

/// The same settings for every Swift target; a target that needs an exception does not get one.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// `make fuzz` builds everything of ours with coverage for libFuzzer, in a folder of its own.
let isFuzzing = Context.environment["INGOT_FUZZ"] != nil
let librarySettings = isFuzzing ? settings + [.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])] : settings

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

/// One row of the module table in docs/architecture.md: a library, what it may know, and its tests.
func module(_ name: String, knows dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: librarySettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, swiftSettings: settings)
}

let libraries = [
    "IngotModel", "API", "Manifest", "Rollout", "Certificates", "ImageStore", "Registry", "RegistryServer", "ContainerRuntime", "ImageBuild",
    "Gates", "Lint", "Secrets", "Engine", "LocalEngine", "ControlPlane", "Client", "Simulation",
]

let package = Package(
    name: "ingot",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "ingot", targets: ["ingot"]),
        .executable(name: "ingot-supervisor", targets: ["ingot-supervisor"]),
    ] + libraries.map { .library(name: $0, targets: [$0]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // C: system calls and libraries that Swift cannot name.
        .target(name: "CLinux"),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CNetlink", pkgConfig: "libnl-route-3.0", providers: [.apt(["libnl-route-3-dev"])]),
        .systemLibrary(name: "CNFTables", pkgConfig: "libnftables", providers: [.apt(["libnftables-dev"])]),

        // Values and decisions: no files, no network, no clock.
        module("IngotModel"),
        module("API", knows: ["IngotModel"]),
        module("Manifest", knows: ["IngotModel", yams]),
        module("Rollout", knows: ["IngotModel"]),

        // What servers show over the network.
        module("Certificates", knows: ["IngotModel", logging, nioSSL]),

        // Images.
        module("ImageStore", knows: ["IngotModel", "CLinux", "CArchive", "CISAL", "CZstd", crypto, system]),
        module(
            "Registry", knows: ["IngotModel", "ImageStore", asyncHTTPClient, crypto, nioCore, nioHTTP1, nioPosix, nioSSL, subprocess, system]),
        module(
            "RegistryServer",
            knows: [
                "IngotModel", "Certificates", "ImageStore", crypto, logging, nioCore, nioHTTP1, nioPosix, nioSSL, serviceLifecycle, system,
            ]),
        module("ContainerRuntime", knows: ["IngotModel", "CLinux"]),
        module(
            "ImageBuild",
            knows: [
                "IngotModel", "ImageStore", "ContainerRuntime", "CLinux", asyncHTTPClient, crypto, logging, nioCore, nioHTTP1, subprocess, system,
            ]),
        module(
            "Gates",
            knows: [
                "IngotModel", "ImageStore", "ContainerRuntime", "CExpat", "CSodium", asyncHTTPClient, crypto, nioCore, nioHTTP1, nioPosix, subprocess,
                system, yams,
            ]),
        module("Lint", knows: ["IngotModel", "Manifest", "ImageStore", "ImageBuild", "Gates"]),

        // Values that instances are given.
        module("Secrets", knows: ["IngotModel", "Manifest", "CSodium", asyncHTTPClient, crypto, nioCore, nioHTTP1, nioSSL]),

        // Engines.
        module("Engine", knows: ["IngotModel"]),
        module(
            "LocalEngine",
            knows: [
                "IngotModel", "Engine", "ImageStore", "ContainerRuntime", "CLinux", "CNFTables",
                logging, nioCore, nioPosix, system,
            ]),
        module("Simulation", knows: ["IngotModel", "Rollout", "Engine"]),

        // The daemon, and those who talk to it.
        module(
            "ControlPlane",
            knows: [
                "IngotModel", "API", "Rollout", "Certificates", "ImageStore", "ContainerRuntime", "Gates", "Secrets", "Engine", "LocalEngine",
                asyncHTTPClient, crypto, grdb, hummingbird, logging, nioCore, nioHTTP1, nioSSL, serviceLifecycle, system,
            ]),
        module("Client", knows: ["IngotModel", "API", asyncHTTPClient, nioCore, nioHTTP1, nioSSL]),
        .executableTarget(
            name: "ingot",
            dependencies: [
                "IngotModel", "API", "Manifest", "ImageStore", "Registry", "RegistryServer", "ContainerRuntime", "ImageBuild", "Gates", "Lint",
                "Secrets", "Client", "ControlPlane", argumentParser, logging, serviceLifecycle, system,
            ],
            swiftSettings: settings),
        .executableTarget(name: "ingot-supervisor", dependencies: ["CLinux", "CNetlink"], swiftSettings: settings),
        // For developers: it is built by `make simulate` and not installed.
        .executableTarget(name: "ingot-simulate", dependencies: ["IngotModel", "Simulation", argumentParser], swiftSettings: settings),
        // What `make bench` measures of the planner and of verifying. Not shipped.
        .executableTarget(
            name: "ingot-bench", dependencies: ["IngotModel", "Rollout", "Engine", "Simulation", "ImageStore", "Gates", system],
            path: "Benchmarks/planner", swiftSettings: settings),
        // What `make bench` measures of the gates. Not shipped.
        .executableTarget(
            name: "ingot-bench-gates", dependencies: ["IngotModel", "ImageStore", "Gates", system], path: "Benchmarks/gates",
            swiftSettings: settings),

        tests("IngotModel", ["Simulation"]),
        tests("Manifest", ["IngotModel"]),
        tests("Rollout", ["IngotModel", "Simulation", "Engine"]),
        tests("ImageStore", ["IngotModel"]),
        tests(
            "Registry",
            ["IngotModel", "Certificates", "ImageStore", "RegistryServer", asyncHTTPClient, logging, nioCore, nioHTTP1, nioPosix, system]),
        tests("ContainerRuntime", ["IngotModel", "CLinux", "ingot-supervisor"]),
        tests("ImageBuild", ["IngotModel", "ImageStore", "ContainerRuntime", "CLinux", crypto, logging, nioCore, nioHTTP1, nioPosix, system]),
        tests("Gates", ["IngotModel", "ImageStore", "Simulation", nioCore, nioPosix, system]),
        tests("Secrets", ["IngotModel", "Manifest", "Simulation", nioCore, nioHTTP1, nioPosix]),
        tests("Lint", ["IngotModel", "Manifest", "ImageStore", "ImageBuild", "Gates", logging, system]),
        tests(
            "LocalEngine",
            ["IngotModel", "Engine", "Simulation", "ImageStore", "ContainerRuntime", "CLinux", "ingot-supervisor", logging, system]),
        tests("ingot", ["IngotModel", "API", "Client", "Gates", "ImageBuild", "ImageStore", "Lint", "Manifest"]),
        // A disk for SQLite that fails when it is told to.
        .target(name: "CFaultyDisk", path: "Tests/CFaultyDisk", linkerSettings: [.linkedLibrary("sqlite3")]),
        tests(
            "ControlPlane",
            [
                "IngotModel", "API", "Manifest", "Rollout", "Engine", "Simulation", "Client", "Gates", "ImageStore", "Secrets", "CFaultyDisk",
                "ingot", hummingbird, serviceLifecycle,
            ]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["ingot", "ingot-supervisor", asyncHTTPClient, nioCore, .product(name: "NIOHTTP1", package: "swift-nio")],
            swiftSettings: settings),
        .testTarget(name: "ArchitectureTests", swiftSettings: settings),
    ]
)

if isFuzzing {
    package.targets.append(
        .executableTarget(
            name: "ingot-fuzz",
            dependencies: [
                "IngotModel", "Manifest", "ImageStore", "Registry", "RegistryServer", "ImageBuild", "Gates", "Secrets", nioHTTP1, system,
            ], path: "Fuzzing",
            exclude: ["README.md", "run"], swiftSettings: librarySettings, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
}
