import Foundation

/// Archives byte by byte, hostile ones too. Source: POSIX.1-2017, pax, "ustar Interchange Format".
struct TarFile {
    private(set) var bytes: [UInt8] = []

    /// The archive with the two blocks that end it.
    static func make(_ body: (inout TarFile) -> Void) -> [UInt8] {
        var file = TarFile()
        body(&file)
        return file.bytes + [UInt8](repeating: 0, count: 1024)
    }

    mutating func add(_ name: String, _ text: String = "", mode: Int = 0o644, owner: Int = 0) {
        add(name, type: "0", content: Array(text.utf8), mode: mode, owner: owner)
    }

    mutating func addFolder(_ name: String, mode: Int = 0o755, owner: Int = 0) { add(name, type: "5", mode: mode, owner: owner) }
    mutating func addLink(_ name: String, to target: String) { add(name, type: "2", link: target) }
    mutating func addHardLink(_ name: String, to target: String) { add(name, type: "1", link: target) }
    mutating func addDevice(_ name: String, major: Int, minor: Int) { add(name, type: "3", device: (major, minor)) }

    /// A record that gives the next entry a longer name, or another value.
    mutating func addRecord(_ key: String, _ value: String) {
        let body = " \(key)=\(value)\n"
        var count = body.utf8.count
        while "\(count)".utf8.count + body.utf8.count != count { count = "\(count)".utf8.count + body.utf8.count }
        add("record", type: "x", content: Array("\(count)\(body)".utf8))
    }

    mutating func add(
        _ name: String, type: Character, content: [UInt8] = [], mode: Int = 0o644, owner: Int = 0, link: String = "", size: Int? = nil,
        device: (Int, Int)? = nil
    ) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int, _ most: Int) {
            header.replaceSubrange(place..<place + min(most, text.utf8.count), with: text.utf8.prefix(most))
        }
        func octal(_ number: Int, at place: Int, _ length: Int) {
            let digits = String(number, radix: 8)
            put(String(repeating: "0", count: length - 1 - digits.count) + digits, at: place, length - 1)
        }
        put(name, at: 0, 100)
        octal(mode, at: 100, 8)
        octal(owner, at: 108, 8)
        octal(owner, at: 116, 8)
        octal(size ?? content.count, at: 124, 12)
        octal(1_600_000_000, at: 136, 12)
        put("        ", at: 148, 8)
        put(String(type), at: 156, 1)
        put(link, at: 157, 100)
        put("ustar\u{0}00", at: 257, 8)
        if let device {
            octal(device.0, at: 329, 8)
            octal(device.1, at: 337, 8)
        }
        octal(header.reduce(0) { $0 + Int($1) }, at: 148, 7)
        bytes += header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }
}
