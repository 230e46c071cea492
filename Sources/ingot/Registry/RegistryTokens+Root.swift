import ImageStore
import RegistryServer
import SystemPackage

extension GlobalOptions {
    /// The tokens of the registry under the root.
    ///
    /// - Throws: `CommandError` when this user can't have the store beside them.
    func registryTokens() throws -> RegistryTokens { RegistryTokens(root: try store().root.string) }
}
