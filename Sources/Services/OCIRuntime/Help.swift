import ContractNamespaces
import JSON
import Linux

let versionText = "runtime version 0.1.0\nspec: 1.0.2"

let helpText = """
    runtime: runs containers from OCI bundles; its command line is runc's.

    usage: runtime [--root DIR] [--log FILE] [--log-format text|json] [--debug] COMMAND …

      spec   [--bundle DIR]                        write a config.json to start from
      create [--bundle DIR] [--pid-file FILE] [--console-socket PATH] ID
      start  ID                                    let a created container's program begin
      run    [--bundle DIR] [--detach] ID          create, start, wait, delete
      exec   [--process FILE] [--tty] [--detach] [--pid-file FILE] [--cwd DIR] [--env K=V] [--user UID:GID]
             ID COMMAND …                          another process in it
      state  ID                                    as JSON
      list   [--format table|json] [--quiet]
      kill   [--all] ID [SIGNAL]                   TERM where no signal is named
      delete [--force] ID
      features, --version, --help

    An example:

      mkdir -p box/rootfs/bin && cp /bin/busybox box/rootfs/bin/ && ln -s busybox box/rootfs/bin/sh
      runtime spec --bundle box && runtime run --bundle box one

    With DRYDOCK_PART_01 or DRYDOCK_PART_02 set to a part's program, that part takes the place of the kit's.
    """

/// What `features` prints (OCI runtime specification, features.md).
var features: JSON {
    [
        "ociVersionMin": "1.0.0", "ociVersionMax": "1.0.2",
        "hooks": [],
        "linux": [
            "namespaces": .array(
                NamespaceKind.allCases.filter { $0 != .time }.map { .string($0.rawValue) }),
            "cgroup": ["v1": true, "v2": true, "systemd": false, "systemdUser": false],
            "seccomp": [
                "enabled": true,
                "supportedFlags": [
                    "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
                    "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
                ],
            ],
        ],
    ]
}

extension RuntimeCommand {
    /// Writes the same configuration as `runc spec`.
    func writeSpec(_ reader: inout ArgumentReader) throws {
        var bundle = "."
        try reader.options(
            flags: [:], values: ["--bundle": { bundle = $0 }, "-b": { bundle = $0 }])
        try reader.end()
        let path = "\(bundle)/config.json"
        guard !Files.exists(path) else {
            throw RuntimeFailure("\(path) exists already: remove it first")
        }
        try Files.write(defaultSpec.prettyText, to: path)
    }
}
