/// `major.minor[.patch[.revision]][-prerelease][+build]`: semantic versions with a fourth number, and words without case.
///
/// Source: NuGet documentation, "Package versioning", "Version comparison rules".
struct NuGetVersion: OrderedVersion {
    private let numbers: [DecimalNumber]
    private let prerelease: [ArraySlice<UInt8>]

    init?(_ bytes: [UInt8]) {
        var scanner = VersionScanner(bytes.map(\.lowercased))
        guard let numbers = SemanticVersion.numbers(&scanner), numbers.count <= 4 else { return nil }
        self.numbers = numbers
        prerelease = scanner.take("-") ? scanner.take { $0 != UInt8(ascii: "+") }.split(separator: UInt8(ascii: ".")) : []
        guard scanner.isAtEnd || scanner.next == UInt8(ascii: "+") else { return nil }
    }

    func compared(to other: Self) -> VersionComparison {
        VersionComparison.itemwise(numbers, other.numbers, filler: .zero) { VersionComparison($0, $1) }
            .then(SemanticVersion.compare(prerelease, other.prerelease))
    }
}
