public import IngotModel

/// Which names an image may get, and which of them may move. Pure.
///
/// It is about names that are given here: by `ingot image tag`, a build, a push. What others call their images, such as a base `debian:latest`, is
/// theirs.
public enum TagPolicy {
    /// What a tag says of its image.
    public enum Kind: Hashable, Sendable {
        /// `shop:1.4.0`: it names one image for ever.
        case version
        /// `shop:4a1b2c3d4e5f`, `shop:build-42`: a build gave it, and it goes when nothing else keeps the image.
        case build
        /// `shop:latest`, which says nothing.
        case latest
        case other
    }

    /// Of the part behind the colon; a name without one has a tag of no kind.
    public static func kind(of name: String) -> Kind {
        guard let tag = tag(of: name) else { return .other }
        if tag == "latest" { return .latest }
        if isVersion(tag) { return .version }
        return isBuild(tag) ? .build : .other
    }

    /// - Parameters:
    ///   - present: the image that has the name now.
    ///   - environments: the names of environments' tags.
    /// - Throws: `store.tag-latest`, `store.tag-version`, `store.tag-environment`.
    public static func check(_ name: String, for image: Digest, present: Digest?, environments: Set<String> = []) throws(StoreError) {
        if environments.contains(name) { throw environment(name) }
        switch kind(of: name) {
        case .latest: throw latest(name)
        case .version:
            guard let present, present != image else { return }
            throw StoreError(
                .tagVersion, "'\(name)' is image \(present.short), and a version never becomes another image",
                remedy: "give image \(image.short) the next version", fault: .gate)
        case .build, .other: return
        }
    }

    /// Whether what somebody asks for may be named so: `latest`, alone or behind a name, may not.
    ///
    /// - Throws: `store.tag-latest`.
    public static func checkReference(_ reference: String) throws(StoreError) {
        if reference == "latest" || kind(of: reference) == .latest { throw latest(reference) }
    }

    private static func latest(_ name: String) -> StoreError {
        StoreError(
            .tagLatest, "'\(name.prefix(200))' is refused: what 'latest' means changes, and nobody knows afterwards what it meant",
            remedy: "name a version, a commit or a digest, such as shop:1.4.0", fault: .gate)
    }

    public static func environment(_ name: String) -> StoreError {
        StoreError(
            .tagEnvironment, "'\(name)' is the tag of an environment, and moves by promotion only",
            remedy: "run `ingot promote IMAGE ENVIRONMENT`, or deploy the image there", fault: .gate)
    }

    // MARK: Forms

    private static func tag(of name: String) -> Substring? {
        let last = name.prefix { $0 != "@" }.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return last.firstIndex(of: ":").map { last[last.index(after: $0)...] }
    }

    /// Source: Semantic Versioning 2.0.0, with or without a `v`. A tag has no `+`, so a version here has no build metadata.
    public static func isVersion(_ text: Substring) -> Bool {
        let text = text.hasPrefix("v") ? text.dropFirst() : text
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy(isNumber) else { return false }
        guard parts.count == 2 else { return true }
        return parts[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            let isWord = !word.isEmpty && word.utf8.allSatisfy { isDigit($0) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || $0 == UInt8(ascii: "-") }
            return isWord && (isNumber(word) || !word.utf8.allSatisfy(isDigit))
        }
    }

    /// Without zeros before it.
    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isDigit) && (text.utf8.count == 1 || text.first != "0")
    }

    /// The first 12 digits of a commit, or the number of a build.
    private static func isBuild(_ text: Substring) -> Bool {
        if text.hasPrefix(buildPrefix) { return isNumber(text.dropFirst(buildPrefix.count)) }
        return text.utf8.count == commitDigits && text.utf8.allSatisfy { isDigit($0) || ($0 >= 0x61 && $0 <= 0x66) }
    }

    public static let buildPrefix = "build-"
    public static let commitDigits = 12

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
