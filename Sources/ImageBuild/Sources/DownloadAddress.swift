import Foundation

/// An address of a file that ADD downloads.
struct DownloadAddress: Hashable, Sendable {
    var text: String
    /// What the file is called in a folder: the last part of the path. Source: BuildKit, `__unnamed__`.
    var fileName: String

    /// `nil` for what is no `http` or `https` address.
    init?(_ text: String) {
        guard text.hasPrefix("https://") || text.hasPrefix("http://"), let components = URLComponents(string: text), components.host?.isEmpty == false
        else { return nil }
        self.text = text
        let last = components.path.split(separator: "/").last.map(String.init) ?? ""
        let isName = !last.isEmpty && last != "." && last != ".." && !last.contains("/") && !last.contains("\0") && last.utf8.count <= 255
        fileName = isName ? last : "__unnamed__"
    }
}
