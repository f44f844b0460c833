import Foundation
import Linux
import Testing

/// Where the programs are, and a world to run them in that the kernel takes away afterwards.
enum World {
    /// The tree's own directory, found from this file.
    static let tree: String = {
        guard let real = realpath(#filePath, nil) else { return "" }
        defer { free(real) }
        return String(cString: real).split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
    }()

    static func cluster(_ name: String) -> String {
        "\(tree)/Sources/Cluster/.build/release/\(name)"
    }
    static func light(_ name: String) -> String { "\(tree)/.build/release/\(name)" }

    /// Why these tests can't run here; nil where they can.
    static let whyNot: String? = {
        if geteuid() != 0 { return "network namespaces with a bridge take root" }
        let programs =
            ["kubelet", "pki", "images"].map(cluster)
            + ["runtime", "shim", "overlay", "web"].map(light) + ["/usr/bin/curl", "/bin/busybox"]
        return programs.first { !Files.exists($0) }.map { "\($0) is not there: build it first" }
    }()

    /// Runs a shell script with these words: `pod NAME SPEC` writes a pod's file, `kubelet` runs
    /// the kubelet with its log in kubelet.log, `ask PATH` asks it with the administrator's
    /// certificate, and `answered HOST:PORT` waits for a web server.
    ///
    /// On a thread of its own: Swift's pool has one a core, and the tests that wait for answers need those.
    static func run(_ script: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runAndWait(script) })
            }
        }
    }

    private static func runAndWait(_ script: String) throws -> String {
        let directory = "/tmp/drydock-kubelet-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try Files.makeDirectories(directory)
        defer {
            try? Files.removeTree(directory)
            removeGroups("drydock-kubelet-\(getpid())")
        }
        let file = "\(directory).sh"
        try Files.write(prologue(directory) + script, to: file)
        defer { try? Files.removeTree(file) }
        let result = try capture(
            "unshare",
            [
                "unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child",
                "sh",
                file,
            ])
        return String(decoding: result.output + result.errors, as: UTF8.self)
    }

    private static func prologue(_ directory: String) -> String {
        """
        mount -t tmpfs tmpfs \(directory) && cd \(directory)
        ip link set lo up
        ip link add node type bridge; ip addr add 10.88.0.11/24 dev node; ip link set node up
        \(cluster("images")) build-set --out images --web \(light("web")) > /dev/null
        \(cluster("pki")) init --dir pki --node node-1=10.88.0.11 > /dev/null
        mkdir manifests
        pod() {
            echo '{"metadata":{"name":"'$1'"},"spec":'"$2"'}' > manifests/$1.json
        }
        kubelet() {
            exec \(cluster("kubelet")) --node-name node-1 --node-ip 10.88.0.11 \
                --pod-cidr 10.244.1.0/24 --cgroup-root /drydock-kubelet-\(getpid()) --state \(directory)/state --manifests manifests --pki pki \
                --images images --layers layers --runtime \(light("runtime")) \
                --overlay \(light("overlay")) --shim \(light("shim")) \
                --back-off-initial-seconds 1 --back-off-max-seconds 2 >> kubelet.log 2>&1
        }
        ask() { askas apiserver-kubelet-client "$1"; }
        askas() {
            curl -s --cacert pki/ca.crt --cert pki/$1.crt --key pki/$1.key \
                "https://10.88.0.11:10250/$2"
        }
        answered() {
            for i in $(seq 100); do curl -s -m 1 http://$1/ > /dev/null && return; sleep 0.05; done
            return 1
        }

        """
    }

    /// Groups are the one thing that outlives its world. They can be removed once the last process
    /// is gone.
    private static func removeGroups(_ name: String) {
        let hierarchies = ((try? Files.list("/sys/fs/cgroup")) ?? []).map { "/\($0)" } + [""]
        for group in hierarchies.map({ "/sys/fs/cgroup\($0)/\(name)" }) {
            for _ in 0..<50 where Files.exists(group) {
                removeGroup(group)
                if Files.exists(group) { usleep(20_000) }
            }
        }
    }

    private static func removeGroup(_ path: String) {
        for name in (try? Files.list(path)) ?? [] where Files.isDirectory("\(path)/\(name)") {
            removeGroup("\(path)/\(name)")
        }
        rmdir(path)
    }
}
