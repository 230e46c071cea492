public import IngotModel

/// Where something was found: in a file that a person wrote, or in an image.
public struct LintPlace: Hashable, Sendable, Codable {
    public var source: SourceLocation?
    public var image: Digest?
    /// The layer's diff ID.
    public var layer: Digest?
    /// A path of the image, from `/`.
    public var path: String?

    public static func source(_ location: SourceLocation) -> LintPlace { LintPlace(source: location) }

    public static func image(_ digest: Digest, layer: Digest? = nil, path: String? = nil) -> LintPlace {
        LintPlace(image: digest, layer: layer, path: path)
    }
}

extension LintPlace: CustomStringConvertible {
    public var description: String {
        if let source { return "\(source)" }
        let parts = [image.map { "image \($0.short)" }, layer.map { "layer \($0.short)" }, path].compactMap { $0 }
        return parts.joined(separator: ", ")
    }
}
