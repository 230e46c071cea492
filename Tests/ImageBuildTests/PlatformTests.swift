import IngotModel
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
}
