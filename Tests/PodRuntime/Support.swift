import Linux
import PodRuntime
import Testing

/// Why pods can't be run here; nil where they can.
let whyNotReal: String? = {
    if geteuid() != 0 { return "network namespaces with a bridge take root" }
    if !Files.exists("/bin/busybox") { return "no static busybox is installed" }
    for program in ["cri", "shim", "runtime", "overlay"] where !Files.exists(built(program)) {
        return "\(program) is not built"
    }
    return nil
}()

/// The runtimes that the same tests go through: ours, and Debian's where it is installed.
let runtimes = [built("runtime"), "/usr/sbin/runc"].filter(Files.exists)

/// A program of this package, which lies beside the test program.
func built(_ name: String) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(
        decoding: buffer[..<max(0, length)].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return "\(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])/\(name)"
}

/// Runs a shell script in a world of its own: network, mounts, processes. When it ends, the kernel
/// takes all of it away. `$D` is an empty directory, `$LAYER` a busybox image's only layer, and
/// `cri` is ready; `pod NAME COMMAND` runs a pod of one container and sets `$S` and `$C` to the
/// ids.
func inPrivateWorld(runtime: String, _ script: String) throws -> String {
    let directory = "/tmp/drydock-podruntime-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let groups = "drydock-podruntime-\(getpid())"
    try Files.makeDirectories(directory)
    defer {
        try? Files.removeTree(directory)
        removeGroups(groups)
    }
    let prologue = """
        set -u
        SECCOMP=null
        D=\(directory)
        mount -t tmpfs tmpfs $D && cd $D
        LAYER=$D/layer
        mkdir -p $LAYER/bin $LAYER/etc $LAYER/proc $LAYER/sys $LAYER/dev $LAYER/tmp
        cp /bin/busybox $LAYER/bin/
        for name in sh sleep cat ip hostname wget httpd kill; do ln -s busybox $LAYER/bin/$name; done
        cri() {
            \(built("cri")) --state $D/state --shim \(built("shim")) --runtime \(runtime) \
                --overlay \(built("overlay")) --cgroup-root /\(groups) "$@"
        }
        pod() {
            cat > pod.json <<END
            {"sandbox":{"name":"$1","namespace":"default","uid":"uid-$1","attempt":0,"hostname":"$1",
              "hostNetwork":false,"resolvConf":"nameserver 10.96.0.10\\n","logDirectory":"$D/logs/$1",
              "cgroupParent":"pod-$1"},
             "containers":[{"name":"c","attempt":0,"image":"busybox","imageID":"x","layers":["$LAYER"],
              "process":{"arguments":["/bin/sh","-c","$2"],"environment":["PATH=/bin"],"directory":"/"},
              "mounts":[],"resources":{},"logPath":"c/0.log","stopSignal":15,
              "security":{"uid":0,"gid":0,"supplementalGroups":[],"isPrivileged":false,
               "isRootReadOnly":false,"noNewPrivileges":false,"addCapabilities":[],
               "dropCapabilities":[],"seccomp":$SECCOMP}}]}
        END
            cri run-pod pod.json > ids || return 1
            S=$(head -1 ids); C=$(tail -1 ids)
        }
        await() { for i in $(seq 100); do [ -e "$1" ] && return 0; sleep 0.05; done; return 1; }
        cri prepare

        """
    // From a file: the script's words would otherwise be found in the list of processes.
    let file = "\(directory).sh"
    try Files.write(prologue + script, to: file)
    defer { try? Files.removeTree(file) }
    let arguments = [
        "unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "sh",
        file,
    ]
    let result = try capture("unshare", arguments)
    let errors = String(decoding: result.errors, as: UTF8.self)
    #expect(result.ending.succeeded, "\(result.ending): \(errors)")
    return String(decoding: result.output, as: UTF8.self) + errors
}

/// Groups are the one thing that outlives its world. They can be removed once the last process is
/// gone.
func removeGroups(_ name: String) {
    for hierarchy in (try? Files.list("/sys/fs/cgroup")) ?? [] {
        let group = "/sys/fs/cgroup/\(hierarchy)/\(name)"
        for _ in 0..<50 where Files.exists(group) {
            removeGroup(group)
            if Files.exists(group) { usleep(20_000) }
        }
    }
    removeGroup("/sys/fs/cgroup/\(name)")
}

private func removeGroup(_ path: String) {
    for name in (try? Files.list(path)) ?? [] where Files.isDirectory("\(path)/\(name)") {
        removeGroup("\(path)/\(name)")
    }
    rmdir(path)
}
