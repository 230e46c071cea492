import Foundation
import Glibc
import IngotModel
import SystemPackage
import Testing

@testable import ImageStore

@Suite("Docker") struct DockerTests {
    private static let daemon = "/usr/sbin/dockerd"

    /// Starts a daemon of its own, with neither network nor anything of the host's, runs a script that speaks to it as
    /// `$docker`, and ends it.
    private static func script(_ body: String, in folder: FilePath) -> String {
        """
        D=\(folder); docker="docker -H unix://$D/socket"; mkdir -p $D
        unshare -nm \(daemon) --data-root $D/data --exec-root $D/exec -p $D/pid -H unix://$D/socket \
            --bridge none --iptables=false --ip6tables=false --storage-driver vfs >$D/log 2>&1 &
        P=$!
        for i in $(seq 300); do $docker version >/dev/null 2>&1 && break; kill -0 $P || exit 90; sleep 0.1; done
        ( set -e; \(body) ); R=$?
        kill $P; wait $P
        exit $R
        """
    }

    @Test(
        "loads our archive under its name, and what it saves comes back as the same image",
        .enabled(if: access(daemon, X_OK) == 0, "there is no dockerd: apt-get install docker.io")) func docker() throws
    {
        try withStore { store in
            let image = try addSample(to: store)
            let archive = store.root.appending("archive.tar")
            try store.exportArchive(image.digest, as: .docker, to: .file(archive), names: ["shop:1"])
            let body = """
                $docker load -qi \(archive)
                $docker image inspect -f '{{.RootFS.Layers}} {{.RepoTags}} {{.Config.Cmd}}' shop:1
                $docker save -o \(store.root)/saved.tar shop:1
                """
            let done = try run("sh", ["-c", Self.script(body, in: store.root.appending("docker"))])
            #expect(done.code == 0, "\(done.output)")
            for layer in image.layers { #expect(done.output.contains("\(layer.diffID)"), "\(done.output)") }
            #expect(done.output.contains("[shop:1] [/bin/true]"), "\(done.output)")
            try withStore { second in
                let saved = try second.importImage(from: store.root.appending("saved.tar"))
                #expect(saved.names == ["shop:1"])
                #expect(saved.image.layers == image.layers)
            }
        }
    }
}
