import ImageBuild

/// An image that knows where it runs can't be the one that was tested somewhere else.
enum EnvironmentRules {
    static let variable = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 28, .error, "The name of an environment is built in",
            because:
                "The same digest goes through all environments. An image that says `production` is another one in staging, so what was tested is not "
                + "what runs.",
            fix: "Take it out, name the key under `run.configuration`, and give its value under each environment in ingot.yaml.")
    ) { subject in
        subject.imageInstructions.flatMap { instruction -> [LintHit] in
            guard case .environment(let pairs) = instruction.kind else { return [] }
            return pairs.filter { EnvironmentNames.isBuiltIn(name: $0.name.raw, value: $0.value.raw, subject.environments) }.map {
                LintHit("ENV \($0.name)=\($0.value)", at: .source($0.name.location))
            }
        }
    }

    static let file = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 29, .warning, "One environment's settings are copied",
            because: "An image that carries the settings of one environment can't be promoted to the next as the same digest.",
            fix: "Give the values under `environments` in ingot.yaml; an image holds only what is the same everywhere.")
    ) { subject in
        subject.imageCopies.filter { $0.copy.from == nil }.flatMap { copy, _ in
            copy.sources.filter { EnvironmentNames.isFile($0.raw, subject.environments) }.map {
                LintHit("'\($0)' is of one environment", at: .source($0.location))
            }
        }
    }
}

/// How environments are told apart in variables and files.
enum EnvironmentNames {
    static let common: Set<String> = ["production", "prod", "staging", "stage", "development", "dev", "qa", "uat", "preprod", "sandbox", "live"]

    /// Variables whose value is the name of an environment. `NODE_ENV`, `RAILS_ENV` and their like choose a mode of a framework, the same everywhere.
    private static let variables: Set<String> = [
        "ENVIRONMENT", "ENV", "APP_ENV", "APP_ENVIRONMENT", "DEPLOY_ENV", "DEPLOYMENT_ENV", "DEPLOYMENT_ENVIRONMENT", "TARGET_ENV", "STAGE",
        "SPRING_PROFILES_ACTIVE", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "SERVICE_ENV", "ENV_NAME", "ENVIRONMENT_NAME",
    ]

    private static let settings: Set<String> = ["env", "yml", "yaml", "json", "toml", "ini", "conf", "cfg", "properties", "config"]

    static func isBuiltIn(name: String, value: String, _ known: Set<String>) -> Bool {
        let plain = value.filter { $0 != "\"" && $0 != "'" }.lowercased()
        return variables.contains(name.uppercased()) && (common.contains(plain) || known.contains(plain))
    }

    /// `.env.production`, `application-prod.yml`, `config/production.json`, `appsettings.Production.json`
    static func isFile(_ source: String, _ known: Set<String>) -> Bool {
        guard let name = source.split(separator: "/").last?.lowercased() else { return false }
        let parts = name.split { ".-_".contains($0) }.map(String.init)
        guard parts.contains(where: { common.contains($0) || known.contains($0) }) else { return false }
        return name.hasPrefix(".env.") || (parts.count > 1 && parts.last.map(settings.contains) ?? false)
    }
}
