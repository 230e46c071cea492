import Glibc
import IngotModel
import SystemPackage

/// Questions about processes that `/proc` answers.
enum ProcessIdentity {
    /// When a process was started, in clock ticks since the machine was; `nil` when there is none.
    ///
    /// Field 22 of `/proc/PID/stat`. The second field is the program's name in parentheses and may hold anything, so what
    /// is counted begins behind the last parenthesis. Source: proc(5).
    static func startTime(of pid: Int32) -> UInt64? {
        SystemFile.text(FilePath("/proc/\(pid)/stat"), limit: ByteSize(4096)).flatMap(startTime(in:))
    }

    static func startTime(in text: String) -> UInt64? {
        guard let parenthesis = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: parenthesis)...].split(separator: " ")
        // Behind the name comes field 3.
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    /// Whether it is a process that has ended and was not waited for.
    static func isZombie(_ pid: Int32) -> Bool {
        guard let text = SystemFile.text(FilePath("/proc/\(pid)/stat"), limit: ByteSize(4096)),
            let parenthesis = text.lastIndex(of: ")")
        else { return false }
        return text[text.index(after: parenthesis)...].split(separator: " ").first == "Z"
    }

    /// The running supervisors whose instance's folder lies in `folder`, by instance.
    ///
    /// For a daemon that was killed between starting one and hearing of it.
    static func supervisors(under folder: FilePath) -> [InstanceID: Int32] {
        var found: [InstanceID: Int32] = [:]
        for pid in SystemFile.names(in: "/proc").compactMap({ Int32($0) }) {
            guard let text = SystemFile.text(FilePath("/proc/\(pid)/cmdline"), limit: ByteSize(1 << 20)) else { continue }
            let arguments = text.split(separator: "\0", omittingEmptySubsequences: false)
            guard let option = arguments.firstIndex(of: "--folder"), option + 1 < arguments.count,
                arguments.first?.hasSuffix("ingot-supervisor") == true
            else { continue }
            let path = FilePath(String(arguments[option + 1]))
            guard path.removingLastComponent() == folder, let id = path.lastComponent.flatMap({ InstanceID(text: $0.string) })
            else { continue }
            found[id] = pid
        }
        return found
    }
}
