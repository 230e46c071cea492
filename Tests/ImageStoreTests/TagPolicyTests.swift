// swift-format-ignore-file: NeverForceUnwrap

import ImageStore
import IngotModel
import Testing

@Suite("Which names an image may get") struct TagPolicyTests {
    private static let first = Digest(hex: String(repeating: "a", count: 64))!
    private static let second = Digest(hex: String(repeating: "b", count: 64))!

    @Test(
        "a tag's form says what it means",
        arguments: [
            ("shop", .other), ("shop:latest", .latest), ("r.example:5000/team/shop:latest", .latest), ("r.example:5000/shop", .other),
            ("shop:latest@sha256:\(first.hex)", .latest), ("shop:1.4.0", .version), ("shop:v1.4.0", .version), ("shop:1.4.0-rc.1", .version),
            ("shop:1.4", .other), ("shop:01.4.0", .other), ("shop:1.4.0-01", .other), ("shop:1.4.0-", .other), ("shop:1.4.0-a..b", .other),
            ("shop:4a1b2c3d4e5f", .build), ("shop:4a1b2c3d4e5", .other), ("shop:4A1B2C3D4E5F", .other), ("shop:build-42", .build),
            ("shop:build-042", .other), ("shop:build-", .other), ("latest", .other), ("shop:production", .other), ("", .other), (":", .other),
            ("shop:", .other),
        ] as [(String, TagPolicy.Kind)])
    func kinds(_ name: String, _ kind: TagPolicy.Kind) { #expect(TagPolicy.kind(of: name) == kind) }

    @Test("`latest` is refused as a name and as what somebody asks for")
    func latest() throws {
        for name in ["shop:latest", "latest", "localhost:5000/shop:latest"] {
            let error = try #require(throws: StoreError.self) { try TagPolicy.checkReference(name) }
            #expect(error.reason == .tagLatest && error.fault == .gate && error.remedy != nil)
        }
        for name in ["shop", "shop:1", "latest/shop:1", "4a1b2c3", "shop:latest-but-one"] { try TagPolicy.checkReference(name) }
        #expect(throws: StoreError.self) { try TagPolicy.check("shop:latest", for: Self.first, present: Self.first) }
    }

    @Test("a version stays, an environment's tag is nobody's, and all else moves")
    func moving() throws {
        try TagPolicy.check("shop:1.4.0", for: Self.first, present: nil)
        try TagPolicy.check("shop:1.4.0", for: Self.first, present: Self.first)
        let moved = try #require(throws: StoreError.self) { try TagPolicy.check("shop:1.4.0", for: Self.second, present: Self.first) }
        #expect(moved.reason == .tagVersion && moved.message.contains("aaaaaaaaaaaa") && moved.remedy == "give image bbbbbbbbbbbb the next version")
        let environment = try #require(throws: StoreError.self) {
            try TagPolicy.check("shop:production", for: Self.first, present: nil, environments: ["shop:production"])
        }
        #expect(environment.reason == .tagEnvironment)
        for name in ["shop", "shop:1.4", "shop:build-7", "shop:4a1b2c3d4e5f", "other:production"] {
            try TagPolicy.check(name, for: Self.second, present: Self.first, environments: ["shop:production"])
        }
    }
}
