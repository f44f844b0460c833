// cri: CRI's verbs by hand, on the same state directory as a node's kubelet, as crictl is for
// containerd.
import JSON
import Linux
import PodRuntime

let usage = """
    usage: cri --state DIR --shim PATH --runtime PATH [--overlay PATH] [--pod-cidr CIDR]
               [--cgroup-root PATH|none] [--timeout SECONDS] VERB …
      prepare              the bridge and the routes of this node
      run-pod FILE         {"sandbox": …, "containers": […]}: runs all of it, prints the ids
      pods | ps            what there is, as JSON lines
      stats ID | exec ID COMMAND…
      stop ID | rm ID      a container
      stop-pod ID | rm-pod ID
    example: cri --state /tmp/n --shim .build/release/shim --runtime /usr/sbin/runc ps
    """

var options = [
    "pod-cidr": "10.244.1.0/24", "cgroup-root": "none", "shim": "shim", "runtime": "runc",
    "state": "", "overlay": "", "timeout": "10",
]
var words = CommandLine.arguments.dropFirst()
while let word = words.first, word.hasPrefix("--"), options[String(word.dropFirst(2))] != nil {
    options[String(word.dropFirst(2))] = words.dropFirst().first ?? ""
    words = words.dropFirst(2)
}

@MainActor func carryOut(_ verb: String, _ arguments: [String]) throws {
    guard let block = CIDR(options["pod-cidr"]!) else {
        throw RuntimeFailure("--pod-cidr \(options["pod-cidr"]!): write it as 10.244.1.0/24")
    }
    let overlay = options["overlay"]!
    let root = options["cgroup-root"]!
    let network = PodNetwork(block: block)
    let service = try ShimRuntime(
        programs: .init(
            shim: options["shim"]!, runtime: options["runtime"]!,
            overlay: overlay.isEmpty ? nil : overlay),
        state: StateDirectory(options["state"]!), network: network,
        cgroupRoot: root == "none" ? nil : root)
    let id = arguments.first ?? ""
    switch verb {
    case "prepare": try network.prepareNode()
    case "run-pod":
        let pod = try JSON(parsing: Files.read(id))
        let sandbox = try service.runPodSandbox((pod["sandbox"] ?? [:]).decode())
        print(sandbox)
        for config in pod["containers"]?.array ?? [] {
            let container = try service.createContainer(sandbox, config.decode())
            try service.startContainer(container)
            print(container)
        }
    case "pods": for pod in try service.listPodSandbox() { print(try JSON(encoding: pod).text) }
    case "ps": for one in try service.listContainers() { print(try JSON(encoding: one).text) }
    case "stats": print(try JSON(encoding: service.containerStats(id)).text)
    case "exec":
        guard let seconds = Int(options["timeout"]!) else {
            throw RuntimeFailure("--timeout \(options["timeout"]!): not a number of seconds")
        }
        let result = try service.execSync(id, Array(arguments.dropFirst()), timeoutSeconds: seconds)
        print(result.output, terminator: "")
        exit(Int32(result.exitCode))
    case "stop": try service.stopContainer(id, timeoutSeconds: Int(options["timeout"]!) ?? 10)
    case "rm": try service.removeContainer(id)
    case "stop-pod": try service.stopPodSandbox(id)
    case "rm-pod": try service.removePodSandbox(id)
    default: throw RuntimeFailure("\(verb): no such verb; see cri --help")
    }
}

do {
    guard let verb = words.first, verb != "--help" else {
        print(usage)
        exit(0)
    }
    try carryOut(verb, Array(words.dropFirst()))
} catch {
    let text = "cri: \(error)\n"
    _ = write(2, text, text.utf8.count)
    exit(1)
}
