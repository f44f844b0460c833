// web: the server in the kit's own image drydock/web. One thread, one poll(2), no Foundation.
//
//     GET /            VERSION POD_NAME
//     GET /burn?ms=200 the same, after 200 ms of processor time
//     GET /ready       200, or 503 for version v3-broken and while it drains
//     GET /healthz     200
//
// On SIGTERM it goes on serving for DRAIN_SECONDS, since the endpoints that lead here go at the
// same time and not before; it tells its clients to come back elsewhere (`Connection: close`), then
// finishes what it has begun and exits 0.
import Linux

if CommandLine.arguments.dropFirst().first == "--help" {
    print(Settings.usage)
    exit(0)
}
do {
    let settings = try Settings(
        Array(CommandLine.arguments.dropFirst()), environment: environmentVariable)
    let signals = try Signals()
    let listener = try listen(port: settings.port)
    printError(
        "web \(settings.version) in \(settings.podName) listens on port \(boundPort(listener))")
    var server = Server(settings, listener: listener, signals: signals)
    try server.run()
    printError(
        "web \(settings.version) in \(settings.podName) drained, \(server.answered) answers given"
    )
} catch {
    printError("web: \(error)")
    exit(1)
}
