import IngotModel

// The infrastructure: how images come about and come to run.
extension AssessmentJudge {
    var automatedBuilds: Verdict {
        guard let image = facts.image else { return Self.noImage }
        let remedy = "build with `ingot build` or `ingot up` from a commit"
        guard let commit = image.commit, !image.isDirty else { return .no("the image was built from no commit", remedy) }
        guard image.hasProvenance else { return .no("nothing says how the image was built", remedy) }
        return .yes("\(image.digest.short) was built from commit \(commit.prefix(12)), with provenance", at: image.created)
    }

    var versionControl: Verdict {
        guard let files = facts.files, let commit = files.commit else {
            return .no("the folder is no git repository with a commit", "`git init`, and commit")
        }
        guard files.strays.isEmpty else { return .no("not as committed: \(files.strays.joined(separator: ", "))", "commit them") }
        return .yes("ingot.yaml and what it names are in commit \(commit.prefix(12))", at: files.committedAt)
    }

    var loadBalancing: Verdict {
        guard let healthy = facts.healthyInstances else { return .no("nothing serves in production", "`ingot deploy production <digest>`") }
        guard healthy > 1 else { return .no("\(healthy) healthy instance serves in production", "give production `instances: 2` or more") }
        return .yes("\(healthy) healthy instances serve in production", at: facts.now)
    }

    var automatedDeployment: Verdict {
        guard let last = facts.rollouts.first(where: { $0.isProduction && $0.hasSucceeded }) else {
            return .no("no rollout in production has succeeded", "`ingot deploy production <digest>`")
        }
        return .yes("the last rollout in production was of \(last.image.short)", at: last.endedAt)
    }

    var triedRollback: Verdict {
        let remedy = "try it: `ingot rollback staging`, then deploy again"
        guard let last = facts.rollouts.first(where: { ($0.isRollback && $0.hasSucceeded) || $0.hasReturned }) else {
            return .no("nobody has ever gone back", remedy)
        }
        let what = last.hasReturned ? "a rollout went back by itself" : "a rollback succeeded"
        let words = "\(what) in \(last.environment)"
        return isYounger(last.endedAt, than: AssessmentLimits.rollback)
            ? .yes(words, at: last.endedAt) : .no("\(words), too long ago to count", at: last.endedAt, remedy)
    }
}
