/// Packages of a .NET program. Source: .NET, "Runtime configuration files", deps.json.
extension MaterialReader {
    static let dotnetDependencies = MaterialReader(
        name: "deps.json", claims: { _, name in name.hasSuffix(".deps.json") },
        read: { bytes, _ in
            struct Dependencies: Decodable {
                struct Library: Decodable { var type: String? }
                var libraries: [String: Library]?
            }
            guard let document = ForeignJSON.decode(Dependencies.self, bytes) else { return .problem("it is not a deps.json") }
            var materials = Materials()
            for (key, library) in (document.libraries ?? [:]).sorted(by: { $0.key < $1.key }) where library.type == "package" {
                let parts = key.split(separator: "/")
                guard parts.count == 2 else { continue }
                materials.add(Package(ecosystem: .nuget, name: String(parts[0]), version: String(parts[1])))
            }
            return materials
        })
}
