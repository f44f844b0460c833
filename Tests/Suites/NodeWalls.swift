import Launcher
import Linux
import Tour

// What a pod with every privilege can do to the host: nothing. It ends at its node.

extension BadInput {
    static let wallCases = [
        Case(name: "a hostPath of / shows the node and not the host", run: hostPathEndsAtTheNode),
        Case(name: "root of a privileged pod is nobody on the host", run: rootIsNobody),
        Case(name: "a node has its own keys and no other's", run: keysStayApart),
    ]

    /// Runs a privileged pod on node-1 that sees the node's root under /node, until the script has ended.
    /// - Returns: what it printed.
    private func privileged(_ name: String, _ script: String) throws -> String {
        let stage = try stage()
        let pod = """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\(name)"}, "spec": {
             "nodeName": "node-1", "restartPolicy": "Never", "hostNetwork": true,
             "volumes": [{"name": "node", "hostPath": {"path": "/"}}],
             "containers": [{"name": "c", "image": "drydock/busybox", "command": ["sh", "-c", "\(script)"],
              "securityContext": {"privileged": true},
              "volumeMounts": [{"name": "node", "mountPath": "/node"}]}]}}
            """
        try stage.kubectl("apply", "-f", "-", input: pod)
        defer { _ = try? stage.kubectl("delete", "pod", name, "--now") }
        try stage.kubectl(
            "wait", "pod/\(name)", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s")
        return try stage.kubectl("logs", name)
    }

    private static func hostPathEndsAtTheNode(_ test: BadInput) throws {
        let folder = try Files.makeTemporaryDirectory(prefix: "/var/tmp/drydock-wall-")
        defer { try? Files.removeTree(folder) }
        try Files.write("the host's\n", to: "\(folder)/secret")
        let name = String(decoding: folder.utf8.dropFirst("/var/tmp/".utf8.count), as: UTF8.self)
        let seen = try test.privileged(
            "wall-files",
            "cat /node\(folder)/secret; ls /node/var/tmp /node/root; echo planted > /node/var/tmp/\(name)-2; echo done"
        )
        try test.expect(
            seen.contains("done") && !seen.contains("the host's") && !seen.contains("\(name)\n"),
            "the pod saw the host: \(seen)")
        let planted = "var/tmp/\(name)-2"
        try test.expect(!Files.exists("/\(planted)"), "the pod wrote to the host")
        try test.expect(
            Files.exists("\(test.layout.state)/roots/node-1/\(planted)"),
            "what the pod wrote is not in the node's own root")
    }

    private static func rootIsNobody(_ test: BadInput) throws {
        guard geteuid() == 0 else { throw Skip("an ordinary user's dock has no root of the host") }
        let seen = try test.privileged(
            "wall-root",
            "id -u; mknod /tmp/disk b 254 0 || echo no-device; date -s 2001-01-01; "
                + "echo x > /proc/sys/kernel/core_pattern || echo no-pattern; cat /proc/self/uid_map"
        )
        for words in ["0\n", "no-device", "can't set date", "no-pattern", "1073741824"] {
            try test.expect(seen.contains(words), "\"\(words)\" is not in: \(seen)")
        }
        guard let dock = try RunningDock.find(test.layout) else { throw LauncherError("no dock") }
        let status = try Files.readText("/proc/\(dock.pid)/status")
        try test.expect(
            status.contains("Uid:\t1073741824\t"), "the dock's process 1 is somebody:\n\(status)")
    }

    private static func keysStayApart(_ test: BadInput) throws {
        let keys = try test.lab("enter", "node-1", "--", "ls", test.layout.pki)
        try keys.expect(status: 0, saying: "ca.crt", "node-1.key")
        for other in ["ca.key", "node-2", "admin"] {
            try test.expect(!keys.output.contains(other), "node-1 has \(other): \(keys.output)")
        }
    }
}
