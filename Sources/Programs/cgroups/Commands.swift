import ContractControlGroups
import Linux
import PartPipe
import SolutionControlGroups

let help = """
    cgroups: how much a group of processes gets.

      cgroups show [PID]                  where it is in each hierarchy
      cgroups quantity TEXT…              what part 02 reads in 500m, 64Mi, 1.5, …
      cgroups files [LIMITS]              the control files that part 02 would write, on version 1 and 2
      cgroups try [LIMITS] -- COMMAND…    runs a command under limits, then tells what it used
      cgroups freeze DIR…                 stops every process of a group, or lets them go on: the group's
      cgroups thaw DIR…                   directory, on version 1 the one in the freezer hierarchy
      cgroups remove DIR…                 kills every process of a group, and removes its directories
      cgroups part                        answers lab 02's questions on descriptor 3, as part-02 does

    LIMITS: --cpu-request 250m  --cpu 500m  --memory 64Mi  --pids 20

    Examples:

      cgroups files --cpu 500m --memory 64Mi
      cgroups try --cpu 200m -- timeout 2 sh -c 'while :; do :; done'
      cgroups try --memory 16Mi -- tail /dev/zero

    With DRYDOCK_PART_02=/path/to/part-02 your own part is asked.
    """

struct Usage: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = "\(description); see cgroups --help" }
}

func complain(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(2, line, line.count)
}

/// The reference, or the part that the environment names.
func chosenPart() -> any ControlGroupsPart {
    guard let student = StudentPart(lab: "02") else { return ControlGroups() }
    complain("cgroups: lab 02 is answered by \(student.path)")
    return RemoteControlGroups(student)
}

func run(_ arguments: [String]) throws {
    let rest = Array(arguments.dropFirst())
    switch arguments.first {
    case "show": print(try Files.readText("/proc/\(rest.first ?? "self")/cgroup"), terminator: "")
    case "quantity": try quantities(rest)
    case "files": try files(rest)
    case "try": try tryOut(rest)
    case "freeze", "thaw":
        try chosenPart().freeze(place(rest), arguments[0] == "freeze", kernel: RealKernel())
    case "remove": try chosenPart().remove(place(rest), kernel: RealKernel())
    case "part": serve(ControlGroups())
    case "--help", "-h", "help": print(help)
    case nil:
        print(help)
        exit(2)
    case let word?: throw Usage("unknown command \"\(word)\"")
    }
}

/// A group by its directories.
func place(_ directories: [String]) throws -> GroupPlace {
    guard let first = directories.first, Files.exists("\(first)/cgroup.procs") else {
        throw Usage("a group's directory is needed, such as /sys/fs/cgroup/test")
    }
    let isUnified = Files.exists("\(first)/cgroup.controllers")
    return GroupPlace(version: isUnified ? .v2 : .v1, directories: directories)
}

func quantities(_ words: [String]) throws {
    let part = chosenPart()
    for word in words {
        print(
            "\(word): \(try part.milliCPUs(word)) thousandths of a processor, or \(try part.bytes(word)) bytes"
        )
    }
}

/// Takes `--cpu 500m` and its like apart.
func limits(_ words: [String]) throws -> ContainerResources {
    var limits = ContainerResources()
    var rest = words[...]
    while let word = rest.popFirst() {
        guard let value = rest.popFirst() else { throw Usage("\(word) needs a value") }
        switch word {
        case "--cpu-request": limits.cpuRequest = value
        case "--cpu": limits.cpuLimit = value
        case "--memory": limits.memoryLimit = value
        case "--pids":
            guard let count = Int(value) else { throw Usage("--pids \(value) is no number") }
            limits.pidsLimit = count
        default: throw Usage("unknown option \(word)")
        }
    }
    return limits
}

func files(_ words: [String]) throws {
    let part = chosenPart()
    let resources = try part.resources(try limits(words))
    for version in [ControlGroupVersion.v1, .v2] {
        print("version \(version.rawValue)")
        for file in try part.controlFiles(ControlFilesRequest(resources, version: version)) {
            print("  \(file.controller)/\(file.name) = \(file.value)")
        }
    }
}
