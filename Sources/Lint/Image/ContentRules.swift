import Gates
import IngotModel

/// What should not be in an image at all.
enum ContentRules {
    static let versionControl = LintCheck<ImageSubject>(
        LintRule(
            .image, 7, .error, "A repository in the image",
            because: "`.git` holds every version of every file, also of secrets that were removed, and changes with each commit.",
            fix: "List it in `.dockerignore`.")
    ) { subject in subject.notable(.versionControl).map { subject.hit("a folder of version control was copied", layer: $0.layer, path: $0.path) } }

    static let sshServer = LintCheck<ImageSubject>(
        LintRule(
            .image, 8, .error, "An SSH server in the image",
            because: "What people change in a running instance is in no image, and is gone or different at the next start. It is also one more door.",
            fix: "Leave it out. `ingot logs` shows what an instance says; a change is a commit and a release.")
    ) { subject in subject.notable(.sshServer).map { subject.hit("people could log in by SSH", layer: $0.layer, path: $0.path) } }

    static let loginKeys = LintCheck<ImageSubject>(
        LintRule(
            .image, 9, .error, "Keys for logging in",
            because:
                "A private key in an image is everybody's who can pull it; a host key is then the same on all instances; an authorized key "
                + "is a door.",
            fix: "Take them out, and regard those that were in a pushed image as known to others.")
    ) { subject in subject.notable(.loginKey).map { subject.hit("a key for logging in by SSH", layer: $0.layer, path: $0.path) } }

    static let secrets = LintCheck<ImageSubject>(
        LintRule(
            .image, 10, .error, "A secret in the image",
            because: "Everybody who can pull the image can read it, also when a later layer deletes the file.",
            fix: "Revoke it, mount it at build time (`RUN --mount=type=secret`), or name it under `run.secrets`.")
    ) { subject in
        subject.secrets.findings.filter { $0.exception == nil }.map { finding in
            let message = "\(finding.title) in \(finding.place), line \(finding.line): \(finding.sample)"
            guard case .file(let layer, let path) = finding.place else { return subject.hit(message) }
            return subject.hit(message, layer: layer, path: path)
        } + subject.secrets.problems.map { subject.hit("not searched for secrets: \($0)") }
    }

    static let setuid = LintCheck<ImageSubject>(
        LintRule(
            .image, 11, .note, "Programs that run as their owner",
            because: "A setuid or setgid program is how a user becomes root. A service needs none.",
            fix: "Take the bit off in the RUN that installs them: `chmod a-s …`; or start from a base without a shell.")
    ) { subject in
        let files = subject.notable(.setuid)
        return files.isEmpty ? [] : [subject.hit(listed(files, subject.contents.counts[.setuid] ?? files.count))]
    }

    static let worldWritable = LintCheck<ImageSubject>(
        LintRule(
            .image, 12, .warning, "Files and folders that everybody may change",
            because: "The root is read-only while an instance runs, but not where `run.writable` or another engine puts something above it.",
            fix: "Give them the mode they need: `COPY --chmod=0755`; a folder for temporary files needs the sticky bit, 1777.")
    ) { subject in
        let files = subject.notable(.worldWritable)
        return files.isEmpty ? [] : [subject.hit(listed(files, subject.contents.counts[.worldWritable] ?? files.count))]
    }

    private static func listed(_ files: [NotableFile], _ count: Int) -> String {
        let names = files.prefix(ImageLimits.names).map(\.path).joined(separator: ", ")
        return count > ImageLimits.names ? "\(names) and \(count - ImageLimits.names) more" : names
    }
}
