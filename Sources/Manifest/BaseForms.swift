import IngotModel

extension ValueForm where Value == String {
    static func matching(_ expectation: String, longest: Int = 255, _ allowed: @escaping (Character) -> Bool) -> ValueForm {
        ValueForm(expectation: expectation) { text in
            !text.isEmpty && text.utf8.count <= longest && text.allSatisfy { $0.isASCII && allowed($0) } ? text : nil
        }
    }

    static var imageName: ValueForm {
        matching("an image's name in lower case, such as python:3.11-bookworm") { $0.isLowercase || $0.isNumber || ".-_/:".contains($0) }
    }

    static var suite: ValueForm {
        matching("a release of Debian, such as bookworm") { $0.isLowercase || $0.isNumber || "-.".contains($0) }
    }

    /// Source: Debian Policy, sections 5.6.1 and 5.6.12, with apt's `name=version`, `name:architecture` and `name/suite`.
    static var package: ValueForm {
        let form = matching("a package's name, such as python3 or python3=3.11.2-1+b1") {
            $0.isLetter || $0.isNumber || "+-.:=~/".contains($0)
        }
        return ValueForm(expectation: form.expectation) { text in
            text.first.map { $0.isLetter || $0.isNumber } == true ? form.read(text) : nil
        }
    }

    static var archive: ValueForm {
        ValueForm(expectation: "the URL of an archive, beginning with http://, https:// or file:///") { text in
            let isURL = ["http://", "https://", "file:///"].contains { text.hasPrefix($0) && text.count > $0.count }
            return isURL && !text.contains(" ") ? Self.text.read(text) : nil
        }
    }

    static var moment: ValueForm {
        ValueForm(expectation: "a moment such as 20261101T000000Z") { text in
            let shape = text.map { $0.isASCII && $0.isNumber ? "0" : String($0) }.joined()
            return shape == "00000000T000000Z" ? text : nil
        }
    }

    static var userName: ValueForm {
        let form = matching("a user's name: a lower-case letter, then letters, digits, '_' and '-'", longest: 32) {
            $0.isLowercase || $0.isNumber || "_-".contains($0)
        }
        return ValueForm(expectation: form.expectation) { text in
            text.first.map { $0.isLowercase || $0 == "_" } == true ? form.read(text) : nil
        }
    }

    /// A path in an image that a field of `/etc/passwd` can hold.
    static var imagePath: ValueForm {
        ValueForm(expectation: "an absolute path without '..' and ':'") { text in
            guard let text = Self.text.read(text), text.hasPrefix("/"), !text.contains(":") else { return nil }
            return text.split(separator: "/").contains("..") ? nil : text
        }
    }

    static var user: ValueForm {
        matching("a user, or user:group, by name or number") { $0.isLetter || $0.isNumber || "_-:.".contains($0) }
    }
}

extension ValueForm where Value == UInt32 {
    static var userID: ValueForm {
        ValueForm(expectation: "a number from 0 to 4294967294") { text in UInt32(text).flatMap { $0 < UInt32.max ? $0 : nil } }
    }
}

extension ValueForm where Value == UInt16 {
    /// Source: chmod(1), numeric mode.
    static var fileMode: ValueForm {
        ValueForm(expectation: "permissions in octal, such as 0644") { text in
            (3...5).contains(text.utf8.count) ? UInt16(text, radix: 8).flatMap { $0 <= 0o7777 ? $0 : nil } : nil
        }
    }
}
