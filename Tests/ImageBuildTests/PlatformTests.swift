import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("A platform")
struct PlatformTests {
    @Test(
        "is read in every spelling into one form",
        arguments: [
            ("linux/amd64", "linux/amd64"), ("amd64", "linux/amd64"), ("Linux/X86_64", "linux/amd64"), ("linux/amd64/v1", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"), ("linux/arm64/v8", "linux/arm64"), ("aarch64", "linux/arm64"), ("arm64", "linux/arm64"),
            ("arm", "linux/arm/v7"), ("linux/arm/7", "linux/arm/v7"), ("armhf", "linux/arm/v7"), ("armel", "linux/arm/v6"),
            ("linux/arm/v6", "linux/arm/v6"), ("i386", "linux/386"), ("linux", "\(Platform.host)"), ("riscv64", "linux/riscv64"),
        ])
    func reading(text: String, expected: String) throws {
        let platform = try Platform(text: text)
        #expect("\(platform)" == expected)
        #expect(try Platform(text: "\(platform)") == platform)
    }

    @Test("that is none is refused", arguments: ["", "/", "linux/", "linux/vax", "windows/amd64", "a/b/c/d", "linux//v7", "amd64/v1"])
    func refusal(text: String) {
        #expect(throws: BuildError.self) { try Platform(text: text) }
    }

    @Test(
        "can be run when the kernel knows an interpreter that needs nothing of the image",
        arguments: [
            (nil, .missing), ("disabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: F\n", .disabled),
            ("enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: OC\n", .withoutFixedBinary),
            ("enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: OCF\noffset 0\n", .ready), ("", .missing),
        ] as [(String?, PlatformEmulation.Registration)])
    func emulation(text: String?, expected: PlatformEmulation.Registration) {
        #expect(PlatformEmulation.registration(text) == expected)
    }

    @Test("that can't be run is refused with what is needed")
    func notRunnable() throws {
        let place = SourceLocation(file: "Dockerfile", line: 2, column: 1)
        let other = Platform(architecture: "s390x")
        let error = #expect(throws: BuildError.self) { try PlatformEmulation.check(.missing, other, at: place) }
        #expect(error?.message.contains("linux/s390x") == true && error?.message.contains("qemu-s390x") == true)
        #expect(error?.remedy?.contains("qemu-user-static") == true)
        try PlatformEmulation.check(.ready, other, at: place)
        #expect(PlatformEmulation.isNative(Platform(architecture: "386"), host: Platform(architecture: "amd64")))
        #expect(!PlatformEmulation.isNative(Platform(architecture: "amd64"), host: Platform(architecture: "arm64")))
    }

    private static var runsARM: Bool {
        let platform = Platform(architecture: "arm64")
        return PlatformEmulation.isNative(platform) || (try? PlatformEmulation.registration(of: platform)) == .ready
    }

    @Test(
        "other than this machine's runs its programs in a RUN",
        .enabled(if: runsARM, "SKIPPED: arm64 does not run here; apt-get install qemu-user-static binfmt-support"))
    func foreign() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try Files.write(Self.program, to: fixture.context.appending("program"))
            let result = try await fixture.run(
                """
                FROM --platform=linux/arm64 scratch
                COPY --chmod=755 program /program
                RUN ["/program"]
                """)
            #expect(try fixture.text("out", of: result.image) == "arm64\n")
            #expect(result.image.configuration.architecture == "arm64")
        }
    }

    /// A static program for arm64 that writes `arm64` into `/out`. Source: elf(5); Arm A-profile A64 instruction set.
    private static var program: [UInt8] {
        let code: [UInt32] = [
            0x9280_0c60,  // mov x0, AT_FDCWD
            0x1000_0181,  // adr x1, "/out"
            0xd280_4822,  // mov x2, O_WRONLY | O_CREAT | O_TRUNC
            0xd280_3483,  // mov x3, 0644
            0xd280_0708, 0xd400_0001,  // openat
            0x3000_0101,  // adr x1, "arm64\n"
            0xd280_00c2,  // mov x2, 6
            0xd280_0808, 0xd400_0001,  // write
            0xd280_0000,  // mov x0, 0
            0xd280_0ba8, 0xd400_0001,  // exit
        ]
        let content = code.flatMap { bytes($0) } + Array("/out\0arm64\n".utf8)
        let (head, base) = (UInt64(120), UInt64(0x40_0000))
        var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        file += bytes(UInt16(2)) + bytes(UInt16(183)) + bytes(UInt32(1)) + bytes(base + head) + bytes(UInt64(64)) + bytes(UInt64(0))
        file += bytes(UInt32(0)) + [64, 56, 1, 0, 0, 0].flatMap { bytes(UInt16($0)) }
        let size = head + UInt64(content.count)
        file += bytes(UInt32(1)) + bytes(UInt32(5)) + [0, base, base, size, size, 0x1_0000].flatMap { bytes($0) }
        return file + content
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }
}
