internal import CISAL

/// Compresses to gzip by ISA-L at its level 1, in the same way every time: the input is cut into blocks of 1 MiB
/// whatever pieces it came in, and the header has no time, no name and system 255.
///
/// The bytes are part of every image's digest. A test holds them to what they were.
final class GzipEncoder: LayerEncoder {
    private let state: OpaquePointer
    private let output = ChunkBuffer()
    private let sink: (UnsafeRawBufferPointer) throws -> Void

    init(_ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let state = ingot_deflate_new() else { throw StoreError(.systemCallFailed, "there is no memory to compress a layer") }
        self.state = OpaquePointer(state)
        self.sink = sink
    }

    deinit { ingot_deflate_free(UnsafeMutablePointer(state)) }

    func encode(_ block: UnsafeRawBufferPointer, isLast: Bool) throws {
        var rest = block
        var isFinished: Int32 = 0
        repeat {
            var consumed: UInt32 = 0
            var produced: UInt32 = 0
            let code = ingot_deflate_step(
                UnsafeMutablePointer(state), rest.bindMemory(to: UInt8.self).baseAddress, UInt32(clamping: rest.count), isLast ? 1 : 0,
                output.bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(clamping: output.bytes.count), &consumed, &produced, &isFinished)
            guard code == COMP_OK else { throw StoreError(.systemCallFailed, "ISA-L could not compress a layer (code \(code))") }
            if produced > 0 { try sink(UnsafeRawBufferPointer(rebasing: output.bytes[..<Int(produced)])) }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(consumed)...])
        } while !rest.isEmpty || (isLast && isFinished == 0)
    }
}
