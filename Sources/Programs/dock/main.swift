import Dock
import Linux

// The dock's own program. `lab up` starts `dock boot`; what it leaves behind is process 1 of the cluster.

let usage = """
    usage: dock boot SPEC.json        make the sandbox, start what the file names, return when it runs
           dock node SPEC.json NAME   (inside the dock) be the machine NAME
           dock forward PORT          (started by boot) carry the dock's connections to the host's port
           dock remove DIRECTORY…     remove what an ordinary user's dock has left there

    example: Labs/lab up writes .drydock/run/dock.json and runs `dock boot` on it.

    """

do {
    switch Array(CommandLine.arguments.dropFirst()) {
    case let words where words.count == 2 && words[0] == "boot":
        try Boot.dock(spec: try DockSpec.read(words[1]))
    case let words where words.count == 3 && words[0] == "node":
        try Boot.node(words[2], spec: try DockSpec.read(words[1]))
    case let words where words.count == 2 && words[0] == "forward" && UInt16(words[1]) != nil:
        try HostForward.run(port: UInt16(words[1])!)
    case let words where words.count > 1 && words[0] == "remove":
        try Boot.remove(Array(words.dropFirst()))
    case let words:
        if words.contains("--help") { print(usage) } else { printError(usage) }
        exit(words.contains("--help") ? 0 : 2)
    }
} catch {
    printError("dock: \(error)")
    exit(1)
}
