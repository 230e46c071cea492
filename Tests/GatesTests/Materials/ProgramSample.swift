@testable import Gates

enum ProgramSample {
    /// An ELF file of 64 bits with one section of that name.
    static func program(section: String, _ content: [UInt8]) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let names = [0] + Array(section.utf8) + [0] + Array(".shstrtab".utf8) + [0]
        let start = 64 + content.count
        let table = start + names.count
        var header = ElfFile.magic + [2, 1, 1] + [UInt8](repeating: 0, count: 9)
        header += number(2, 2) + number(62, 2) + number(1, 4) + number(0, 8) + number(0, 8) + number(table, 8)
        header += number(0, 4) + number(64, 2) + number(56, 2) + number(0, 2) + number(64, 2) + number(3, 2) + number(2, 2)
        func entry(_ name: Int, _ offset: Int, _ size: Int) -> [UInt8] {
            number(name, 4) + number(1, 4) + number(0, 16) + number(offset, 8) + number(size, 8) + number(0, 24)
        }
        let sections = entry(0, 0, 0) + entry(1, 64, content.count) + entry(section.utf8.count + 2, start, names.count)
        return header + content + names + sections
    }
}
