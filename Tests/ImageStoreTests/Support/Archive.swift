import Foundation

/// Archives byte by byte, so that they can say what no honest program would write.
struct RawArchive {
    private(set) var bytes: [UInt8] = []

    mutating func add(
        _ name: String, type: Character = "0", link: String = "", content: [UInt8] = [], mode: Int = 0o644, size: Int? = nil,
        device: (major: Int, minor: Int) = (0, 0)
    ) {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int) { for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte } }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(String(name.prefix(100)), 0)
        put(octal(mode, 7), 100)
        put(octal(0, 7), 108)
        put(octal(0, 7), 116)
        put(octal(size ?? content.count, 11), 124)
        put(octal(0, 11), 136)
        put("        ", 148)
        put(String(type), 156)
        put(String(link.prefix(100)), 157)
        put("ustar\u{0}00", 257)
        put(octal(device.major, 7), 329)
        put(octal(device.minor, 7), 337)
        put(octal(block.reduce(0) { $0 + Int($1) }, 6), 148)
        block[154] = 0
        bytes += block + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    mutating func addFolder(_ name: String) { add(name, type: "5", mode: 0o755) }
    mutating func addLink(_ name: String, to target: String) { add(name, type: "2", link: target) }
    mutating func addHardLink(_ name: String, to target: String) { add(name, type: "1", link: target) }

    func finished() -> [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    static func make(_ body: (inout RawArchive) -> Void) -> [UInt8] {
        var archive = RawArchive()
        body(&archive)
        return archive.finished()
    }
}
