public import IngotModel

/// Asked before each start of an instance whether it may: for a deployment, a larger size, the place of one that ended. Throwaway instances, which
/// tests have, are not asked about.
///
/// It is asked while the start is prepared, and nothing of the image runs before it has answered.
public protocol StartPermission: Sendable {
    /// - Throws: what speaks against it. The start has failed then, and is tried again later as any other.
    func check(_ image: Digest, of fleet: FleetID) async throws
}
