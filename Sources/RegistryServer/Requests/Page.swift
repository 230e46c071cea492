internal import NIOHTTP1

/// Which part of a sorted list is asked for. Source: OCI Distribution Specification 1.1, "Listing Tags".
struct Page: Hashable, Sendable {
    /// At most so many; the server's own bound holds besides.
    var count: Int
    /// Only what comes after.
    var last: String?

    /// Throws `UNSUPPORTED`. A number beyond all bounds is only a wish.
    init(_ query: RequestQuery, most: Int) throws(RegistryProblem) {
        last = query["last"]
        guard let text = query["n"] else {
            count = most
            return
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw RegistryProblem(.badRequest, .unsupported, "n is a number of entries, not '\(text.prefix(40))'")
        }
        count = min(Int(text) ?? .max, most)
    }

    /// The part of a list in the order of bytes, and whether more follows.
    func part<Item>(of items: [Item], by name: (Item) -> String) -> (items: [Item], isLast: Bool) {
        let rest = last.map { last in items.drop { !last.utf8.lexicographicallyPrecedes(name($0).utf8) } } ?? items[...]
        return (Array(rest.prefix(count)), rest.count <= count)
    }
}
