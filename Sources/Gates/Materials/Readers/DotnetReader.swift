/// Packages of a .NET program. Source: .NET, "Runtime configuration files", deps.json.
extension MaterialReader {
    static let dotnetDependencies = MaterialReader(
        name: "deps.json", largest: MaterialLimits.json, claims: { _, name in name.hasSuffix(".deps.json") },
        read: { bytes, _ in
            struct Dependencies: Decodable {
                struct Library: Decodable { var type: String? }
                var libraries: [String: Library]?
            }
            guard let libraries = ForeignJSON.decode(Dependencies.self, bytes)?.libraries else { return .problem("it is not a deps.json") }
            var materials = Materials()
            for (key, library) in libraries.sorted(by: { $0.key < $1.key }) where library.type == "package" || library.type == "runtimepack" {
                let parts = key.split(separator: "/")
                guard parts.count == 2 else {
                    materials.addProblem("a package has no name or no version")
                    continue
                }
                // The runtime itself, where a program brings it along, is a package of NuGet too.
                let name = library.type == "runtimepack" && parts[0].hasPrefix("runtimepack.") ? parts[0].dropFirst("runtimepack.".count) : parts[0]
                materials.add(Package(ecosystem: .nuget, name: String(name), version: String(parts[1])))
            }
            return materials
        })
}
