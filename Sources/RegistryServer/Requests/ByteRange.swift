/// A part of a blob, as `Range` asks for it. Source: RFC 9110, section 14.
enum ByteRange {
    /// What of a blob of some size is sent.
    enum Answer: Hashable {
        case all
        case part(Range<Int>)
        case unsatisfiable
    }

    /// One range is understood. What is none, or is several, is as if it was not there, as the source says.
    static func answer(_ header: String?, size: Int) -> Answer {
        guard let header, header.hasPrefix("bytes=") else { return .all }
        let parts = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = number(parts[0]), let last = number(parts[1]) else { return .all }
        switch (first, last) {
        case (.none, .none): return .all
        case (.none, .some(let count)): return count == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - count)..<size)
        case (.some(let first), let last):
            if let last, last < first { return .all }
            guard first < size else { return .unsatisfiable }
            return .part(first..<min(size, (last ?? size - 1).addingReportingOverflow(1).partialValue.magnitudeOrMax))
        }
    }

    /// What a chunk of an upload says that it is: `0-99`, both ends in it. `nil` when it is something else.
    ///
    /// Source: OCI Distribution Specification 1.1, "Pushing a blob in chunks"; some write it as HTTP has it, `bytes 0-99/*`.
    static func chunk(_ header: String) -> Range<Int>? {
        var text = header[...]
        if text.hasPrefix("bytes ") || text.hasPrefix("bytes=") { text = text.dropFirst("bytes ".count) }
        text = text.prefix { $0 != "/" }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, case .some(.some(let first)) = number(parts[0]), case .some(.some(let last)) = number(parts[1]),
            last >= first, last < Int.max
        else { return nil }
        return first..<last + 1
    }

    /// `.some(nil)` for no digits at all; `nil` for anything that is no number. Numbers beyond all bounds are the greatest.
    private static func number(_ text: Substring) -> Int?? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return .some(text.isEmpty ? nil : Int(text) ?? .max)
    }
}

extension Int {
    /// What an addition that went over the end was meant to be.
    fileprivate var magnitudeOrMax: Int { self < 0 ? .max : self }
}
