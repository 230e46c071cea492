import IngotModel
import Manifest

/// The files of encrypted values beside `ingot.yaml`.
enum SealedFiles {
    /// - Throws: `CommandError` with every mistake when the file has some; `nil` when there is none.
    static func read(_ path: String) throws -> SealedSecretsFile? {
        guard let text = try LocalFile.read(path, limit: .mebibytes(2)) else { return nil }
        let parsed = SealedSecretsFile.parse(text, file: path)
        guard let file = parsed.value else { throw CommandError.mistakes(in: path, parsed.diagnostics) }
        return file
    }

    /// A specification with the encrypted values that it names, for the daemon, which does not see the folder.
    ///
    /// - Parameter path: where a file that the specification names is.
    static func fill(_ specification: ServiceSpecification, path: (String) -> String) throws -> ServiceSpecification {
        var filled = specification
        var files: [String: SealedSecretsFile?] = [:]
        for index in filled.environments.indices {
            let environment = filled.environments[index]
            for (name, reference) in environment.secretSources {
                guard case .sealed(var sealed) = reference else { continue }
                // All values of a file are of one reading. A value that is missing is the daemon's to tell, when it is needed: another environment's may be there.
                let file = try files[sealed.file] ?? read(path(sealed.file))
                files[sealed.file] = .some(file)
                sealed.box = file?.boxes[environment.name]?[name]
                filled.environments[index].secretSources[name] = .sealed(sealed)
            }
        }
        return filled
    }
}
