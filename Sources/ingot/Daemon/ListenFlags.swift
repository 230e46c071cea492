import ArgumentParser
import ControlPlane

/// Where the API listens over the network.
struct ListenFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Where the API listens over the network, by TLS; only on its socket if left out.", valueName: "address:port"))
    var listen: String?
    @Option(
        help: ArgumentHelp("The certificate for --listen, with its chain, in PEM; read again when it is replaced.", valueName: "file"),
        completion: .file())
    var tlsCertificate: String?
    @Option(help: ArgumentHelp("The private key of the certificate, in PEM.", valueName: "file"), completion: .file()) var tlsKey: String?

    func validate() throws {
        guard let listen else {
            if tlsCertificate != nil || tlsKey != nil { throw ValidationError("--tls-certificate and --tls-key go with --listen ADDRESS:PORT.") }
            return
        }
        guard ListenAddress(listen) != nil else {
            throw ValidationError("--listen takes ADDRESS:PORT, such as 0.0.0.0:9443 or [::]:9443, not '\(listen)'.")
        }
        guard tlsCertificate != nil, tlsKey != nil else {
            throw ValidationError("--listen takes --tls-certificate and --tls-key: over the network there is no API without TLS.")
        }
    }

    var listener: RemoteListener? {
        guard let listen, let address = ListenAddress(listen), let tlsCertificate, let tlsKey else { return nil }
        return RemoteListener(host: address.host, port: address.port, certificate: tlsCertificate, key: tlsKey)
    }
}
