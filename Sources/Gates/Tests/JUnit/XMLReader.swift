import CExpat

/// Reads XML as a stream of events, by expat.
///
/// A document type declaration is refused: so there are no entities but XML's own five, and nothing grows by being read.
enum XMLReader {
    enum Event: Hashable, Sendable {
        case start(String, attributes: [String: String])
        case text(String)
        case end(String)
    }

    enum Failure: Error, Hashable {
        case doctype
        case tooDeep(Int)
        case malformed(line: Int, String)
    }

    static let depthLimit = 64

    /// - Throws: `Failure`, and what the handler throws.
    static func read(_ bytes: [UInt8], _ handle: @escaping (Event) throws -> Void) throws {
        guard let parser = XML_ParserCreate(nil) else { throw Failure.malformed(line: 0, "out of memory") }
        defer { XML_ParserFree(parser) }
        let reading = Reading(parser, handle)
        XML_SetUserData(parser, Unmanaged.passUnretained(reading).toOpaque())
        XML_SetElementHandler(
            parser,
            { Reading.of($0)?.start($1, $2) },
            { data, name in Reading.of(data)?.end(name) })
        XML_SetCharacterDataHandler(parser) { data, text, count in Reading.of(data)?.text(text, Int(count)) }
        XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in Reading.of(data)?.stop(Failure.doctype) }
        let status = bytes.withUnsafeBytes { buffer in
            XML_Parse(parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: buffer.count), 1)
        }
        if let failure = reading.failure { throw failure }
        guard status == XML_STATUS_OK else {
            let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "not well-formed"
            throw Failure.malformed(line: Int(XML_GetCurrentLineNumber(parser)), reason)
        }
    }

    /// What expat's callbacks reach by their user data.
    private final class Reading {
        private let parser: XML_Parser
        private let handle: (Event) throws -> Void
        private var depth = 0
        private(set) var failure: (any Error)?

        init(_ parser: XML_Parser, _ handle: @escaping (Event) throws -> Void) {
            self.parser = parser
            self.handle = handle
        }

        static func of(_ data: UnsafeMutableRawPointer?) -> Reading? { data.map { Unmanaged<Reading>.fromOpaque($0).takeUnretainedValue() } }

        func start(_ name: UnsafePointer<XML_Char>?, _ list: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?) {
            depth += 1
            guard depth <= XMLReader.depthLimit else { return stop(Failure.tooDeep(XMLReader.depthLimit)) }
            // Names and values in turn, then a null pointer.
            var attributes: [String: String] = [:]
            var place = 0
            while let list, let name = list[place], let value = list[place + 1] {
                attributes[String(cString: name)] = String(cString: value)
                place += 2
            }
            tell(.start(Self.string(name), attributes: attributes))
        }

        func end(_ name: UnsafePointer<XML_Char>?) {
            depth -= 1
            tell(.end(Self.string(name)))
        }

        func text(_ bytes: UnsafePointer<XML_Char>?, _ count: Int) {
            tell(.text(String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)))
        }

        func stop(_ error: any Error) {
            failure = failure ?? error
            XML_StopParser(parser, 0)
        }

        private func tell(_ event: Event) {
            guard failure == nil else { return }
            do { try handle(event) } catch { stop(error) }
        }

        private static func string(_ name: UnsafePointer<XML_Char>?) -> String { name.map { String(cString: $0) } ?? "" }
    }
}
