import IngotModel

/// Reads the options of one `--mount` as values, each mistake with its place.
struct MountOptions {
    let flag: MountFlag
    let expansion: VariableExpansion

    func text(_ name: String) throws(BuildError) -> String? {
        guard let word = flag.options[name] else { return nil }
        return try expansion.expand(word)
    }

    func boolean(_ name: String) throws(BuildError) -> Bool? {
        guard let text = try text(name) else { return nil }
        switch text.lowercased() {
        case "true", "1", "t", "": return true
        case "false", "0", "f": return false
        default: throw invalid(name, "'\(text.prefix(40))' is neither true nor false")
        }
    }

    /// A user or group.
    func identifier(_ name: String) throws(BuildError) -> UInt32? {
        guard let text = try text(name) else { return nil }
        // The highest number means "nobody has said" to the kernel.
        guard let number = UInt32(text), number != .max else { throw invalid(name, "'\(text.prefix(40))' is not a number from 0 to 4294967294") }
        return number
    }

    func mode() throws(BuildError) -> UInt16? {
        guard let text = try text("mode") else { return nil }
        guard let mode = UInt16(text, radix: 8), mode <= 0o7777 else {
            throw invalid("mode", "'\(text.prefix(40))' is not a mode in octal digits, such as 0755")
        }
        return mode
    }

    /// A number of bytes, in Docker's spelling: `64m` and `64MiB` are both 64 × 1024 × 1024.
    func size() throws(BuildError) -> ByteSize? {
        guard let text = try text("size") else { return nil }
        guard let size = ByteSize(dockerText: text), size.bytes > 0 else { throw invalid("size", "'\(text.prefix(40))' is not a size, such as 64m") }
        return size
    }

    func word<Value: RawRepresentable & CaseIterable>(_ name: String) throws(BuildError) -> Value? where Value.RawValue == String {
        guard let text = try text(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw invalid(name, "'\(text.prefix(40))' is none of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    func invalid(_ name: String, _ message: String) -> BuildError {
        BuildError("invalid-mount", at: flag.options[name]?.location ?? flag.location, "--mount \(name): \(message)")
    }

    func missing(_ name: String) -> BuildError {
        BuildError("invalid-mount", at: flag.location, "--mount=type=\(flag.kind.rawValue) needs \(name)", hint: "add ,\(name)=…")
    }
}

extension ByteSize {
    /// Docker's spelling: a number, a letter that counts in steps of 1024, and perhaps `b` or `ib`.
    init?(dockerText text: String) {
        let lower = text.lowercased()
        let number = lower.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
        let steps = ["": 0, "b": 0, "k": 1, "kb": 1, "kib": 1, "m": 2, "mb": 2, "mib": 2, "g": 3, "gb": 3, "gib": 3, "t": 4, "tb": 4, "tib": 4]
        guard let value = Double(number), let step = steps[String(lower.dropFirst(number.count))] else { return nil }
        let bytes = value * Double(1 << (10 * step))
        guard bytes < Double(Int.max) else { return nil }
        self.init(Int(bytes))
    }
}
