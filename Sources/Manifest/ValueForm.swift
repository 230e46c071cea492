import IngotModel

/// How a value is written: what a person is told to write, and how it is read.
struct ValueForm<Value> {
    /// As in "expected …".
    var expectation: String
    /// `nil` when the text is not such a value.
    var read: (String) -> Value?
    /// What to write instead, where a wrong text shows what was meant.
    var hint: (String) -> String? = { _ in nil }
}

extension ValueForm where Value == String {
    init(expectation: String, isSuch: @escaping (String) -> Bool) {
        self.init(expectation: expectation) { isSuch($0) ? $0 : nil }
    }

    /// Any text on one line.
    static var text: ValueForm {
        ValueForm(expectation: "a text without line breaks", isSuch: SettingForms.isLine)
    }

    /// Any text, also an empty one or one of many lines, as a value of configuration.
    static var anyText: ValueForm {
        ValueForm(expectation: "a text without zero bytes, of at most 32 KiB", isSuch: SettingForms.isVariableValue)
    }

    static func word(_ words: [String]) -> ValueForm {
        let expectation = words.count == 1 ? "'\(words[0])'" : "one of \(words.joined(separator: ", "))"
        return ValueForm(expectation: expectation) {
            words.contains($0) ? $0 : nil
        } hint: { text in
            NearestWord.to(text, among: words).map { "did you mean '\($0)'?" }
        }
    }

    static var variableName: ValueForm {
        ValueForm(expectation: "a variable's name: letters, digits and '_', not beginning with a digit", isSuch: SettingForms.isVariableName)
    }

    static var testName: ValueForm { name(of: "test") }

    static func name(of what: String) -> ValueForm {
        ValueForm(expectation: "a \(what)'s name: letters, digits, '.', '_' and '-'") { fileName.read($0) }
    }

    static func token(_ what: String) -> ValueForm {
        ValueForm(expectation: "a \(what)'s name: letters, digits and !#$%&'*+-.^_`|~", isSuch: SettingForms.isToken)
    }

    static var cookieValue: ValueForm {
        ValueForm(
            expectation: "a word without spaces, quotes, commas, semicolons and backslashes, of at most 256 characters",
            isSuch: SettingForms.isCookieValue)
    }

    /// Where a metric or a hook is asked over HTTP.
    static var address: ValueForm {
        ValueForm(expectation: "an address such as http://127.0.0.1:9090/path") { text in
            SettingForms.isAddress(text) ? text : nil
        } hint: { text in
            if text.contains("@") { return "a password does not belong in this file: ask a command instead" }
            return text.contains("://") || text.isEmpty ? nil : "write 'http://\(text)'"
        }
    }

    static var fileName: ValueForm {
        ValueForm(expectation: "a file's name: letters, digits, '.', '_' and '-', not beginning with '.'", isSuch: SettingForms.isFileName)
    }

    /// A path below or beside the folder of `ingot.yaml`.
    static var relativePath: ValueForm {
        ValueForm(expectation: "a path relative to the folder of this file") { text in
            Self.text.read(text).flatMap { $0.hasPrefix("/") ? nil : $0 }
        }
    }

    static var filePath: ValueForm {
        ValueForm(expectation: "a path of a file on the machine of the daemon, beginning with '/'") { text in
            Self.text.read(text).flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
    }

    /// Where an instance may get a tmpfs of its own.
    static var writablePath: ValueForm {
        ValueForm(
            expectation: "an absolute path without '..', other than / and what lies below /proc, /sys, /dev or /run/secrets",
            read: SettingForms.writablePath)
    }

    static var requestPath: ValueForm {
        ValueForm(expectation: "the path of a request, beginning with '/', without spaces") { text in
            SettingForms.isRequestPath(text) ? text : nil
        } hint: { text in
            text.hasPrefix("/") || text.contains(" ") ? nil : "write '/\(text)'"
        }
    }

    static var hostName: ValueForm {
        ValueForm(expectation: "a host name in lower case, such as shop.example.com") { text in
            SettingForms.isHostName(text) ? text : nil
        } hint: { text in
            text != text.lowercased() ? "write '\(text.lowercased())'" : text.contains("://") ? "leave the scheme out" : nil
        }
    }

    static var capability: ValueForm {
        ValueForm(expectation: "a Linux capability such as CAP_NET_BIND_SERVICE") { text in
            let name = text.uppercased().hasPrefix("CAP_") ? text.uppercased() : "CAP_\(text.uppercased())"
            return Capabilities.names.contains(name) ? name : nil
        } hint: { text in
            NearestWord.to(text.uppercased().hasPrefix("CAP_") ? text : "CAP_\(text)", among: Capabilities.names).map { "did you mean '\($0)'?" }
        }
    }

    static var destination: ValueForm {
        ValueForm(expectation: "an IPv4 address or range with a port, such as 10.0.0.5:5432 or 192.168.0.0/16:443") { text in
            SettingForms.isDestination(text) ? text : nil
        } hint: { text in
            text.first?.isLetter == true ? "names are not looked up: an address that changed behind a name would open a way nobody allowed" : nil
        }
    }
}

extension ValueForm where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> ValueForm {
        ValueForm(expectation: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A share of processors, `0.5`, as thousandths.
    static var processors: ValueForm {
        ValueForm(expectation: "a number of processors from 0.01 to 1024, such as 0.5") { text in
            guard let number = Double(text), number >= 0.01, number <= 1_024 else { return nil }
            return Int((number * 1_000).rounded())
        } hint: { text in
            guard text.hasSuffix("m"), let thousandths = Int(text.dropLast()) else { return nil }
            return "write \(Double(thousandths) / 1_000)"
        }
    }
}

extension ValueForm where Value == Double {
    static var number: ValueForm {
        ValueForm(expectation: "a number such as 0.05") { text in Double(text).flatMap { $0.isFinite ? $0 : nil } }
    }
}

extension ValueForm where Value == BasisPoints {
    /// `5%`, `0.25%`: whole hundredths of a percent.
    static func share(_ range: ClosedRange<BasisPoints>) -> ValueForm {
        ValueForm(expectation: "a share from \(range.lowerBound) to \(range.upperBound), such as 5% or 0.25%") { text in
            guard text.hasSuffix("%"), let percent = Double(text.dropLast()), percent >= 0, percent <= 100 else { return nil }
            let share = (percent * 100).rounded()
            // A finer share than the model knows is not rounded behind anybody's back.
            guard (percent * 100 - share).magnitude < 1e-6 else { return nil }
            let basisPoints = BasisPoints(Int(share))
            return range.contains(basisPoints) ? basisPoints : nil
        } hint: { text in
            Double(text) == nil ? nil : "a share needs a sign: write '\(text)%'"
        }
    }
}

extension ValueForm where Value == Milliseconds {
    static func duration(_ range: ClosedRange<Milliseconds>) -> ValueForm {
        ValueForm(expectation: "a duration from \(range.lowerBound) to \(range.upperBound), such as 250ms, 30s, 10m or 1h30m") { text in
            Milliseconds(text: text).flatMap { range.contains($0) ? $0 : nil }
        } hint: { text in
            Int(text).map { "a number needs a unit: write '\($0)s' for seconds" }
        }
    }
}

extension ValueForm where Value == ByteSize {
    static func size(_ range: ClosedRange<ByteSize>) -> ValueForm {
        ValueForm(expectation: "a size from \(range.lowerBound.written) to \(range.upperBound.written), such as 256MiB") { text in
            ByteSize(text: text).flatMap { range.contains($0) ? $0 : nil }
        } hint: { text in
            if Int(text) != nil { return "a number without a unit counts bytes: did you mean '\(text)MiB'?" }
            let units = ["m": "MiB", "mb": "MiB", "mi": "MiB", "g": "GiB", "gb": "GiB", "gi": "GiB", "k": "KiB", "kb": "KiB", "ki": "KiB"]
            let number = text.prefix { $0.isNumber || $0 == "." }
            guard !number.isEmpty, let unit = units[text.dropFirst(number.count).lowercased()] else { return nil }
            return "write '\(number)\(unit)'"
        }
    }
}

extension ValueForm where Value: TextCodable {
    static var identifier: ValueForm { ValueForm(expectation: Value.expectation) { Value(text: $0) } }
}

extension ByteSize {
    /// As it is written in a file, without the space: `256MiB`.
    var written: String { description.filter { $0 != " " } }
}
