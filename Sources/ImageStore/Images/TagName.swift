internal import IngotModel

/// A local name of an image: `python:3.11`, `ingot.local/guestbook:abc123`.
enum TagName {
    /// In bytes, so that its file's name stays below what file systems take.
    static let longest = 200

    /// 1 to 200 of letters, digits and `. _ - / : @ +`, beginning with a letter or a digit. So it can be no digest of
    /// a blob, no path upward, and nothing a terminal would act on.
    static func check(_ name: String) throws {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@+".utf8)
        guard (1...longest).contains(name.utf8.count), name.utf8.allSatisfy(allowed.contains),
            let first = name.first, first.isLetter || first.isNumber, !name.hasPrefix("sha256:")
        else {
            throw StoreError(
                .nameInvalid, "'\(String(name.prefix(80)))' cannot name an image",
                remedy: "use 1 to \(longest) letters, digits and . _ - / : @ +, beginning with a letter or digit, such as shop:1.4", fault: .user)
        }
    }

    /// The name of the tag's file: `/` and `%` are percent-encoded, so that it is one name in one folder.
    static func fileName(_ name: String) -> String {
        name.replacing("%", with: "%25").replacing("/", with: "%2F")
    }

    static func name(ofFile file: String) -> String? {
        let name = file.replacing("%2F", with: "/").replacing("%25", with: "%")
        return (try? check(name)) == nil ? nil : name
    }
}
