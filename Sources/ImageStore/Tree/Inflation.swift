internal import CISAL

/// Decompresses what lies in memory and is small: an entry of a zip, a section of a program.
public enum Inflation {
    public enum Form: Sendable {
        /// As in a zip. Source: RFC 1951.
        case bare
        /// Source: RFC 1950.
        case zlib
    }

    /// All of it; `nil` when it is damaged, or more than the limit.
    ///
    /// - Parameter limit: in bytes. No more than that is ever held, whatever the input says.
    public static func bytes(_ input: [UInt8], _ form: Form, limit: Int) -> [UInt8]? {
        guard let state = ingot_inflate_new_bare(form == .zlib ? 1 : 0) else { return nil }
        defer { ingot_inflate_free(state) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var offset = 0
        var isFinished: Int32 = 0
        while isFinished == 0 {
            var consumed: UInt32 = 0
            var produced: UInt32 = 0
            let code = input.withUnsafeBufferPointer { source in
                let rest = UnsafeBufferPointer(rebasing: source[offset...])
                return chunk.withUnsafeMutableBufferPointer { target in
                    ingot_inflate_step(
                        state, rest.baseAddress, UInt32(clamping: rest.count), target.baseAddress, UInt32(clamping: target.count), &consumed,
                        &produced, &isFinished)
                }
            }
            guard code >= 0, consumed > 0 || produced > 0 || isFinished != 0, output.count + Int(produced) <= limit else { return nil }
            offset += Int(consumed)
            output += chunk.prefix(Int(produced))
        }
        return output
    }
}
