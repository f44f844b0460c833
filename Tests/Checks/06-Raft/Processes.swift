import Grading
import Linux

private let idea =
    "Each step has passed in virtual time. Look at how long a rule takes, and at what it prints: "
    + "a member "
    + "that is late with its answers is taken for dead."

/// 06.11: three processes with the part's rules, killed and stopped.
let realProcessesLoseNothing = Check(
    "06.11", requires: [.isStoreBuilt, .command("etcdctl", package: "etcd-client")], live: true,
    startsItsOwn: true
) { bench in
    let store = try RaftProcesses(program: programOfStore(), part: bench.options.part)
    var confirmed: [String: String] = [:]
    func put(_ key: String, _ when: String) throws {
        let value = "written \(when)"
        try require(
            try store.put(key, value), "a majority of three processes confirms a write: \(when)",
            seen: "none within 10 s; member 1 said last: \(store.lastWords(of: 1))", idea: idea)
        confirmed[key] = value
    }
    try put("first", "with all three up")
    for round in 1...2 {
        let leader = try leads(store)
        store.kill(leader)
        try put("kill-\(round)", "after the leader was killed")
        try store.start(leader)
    }
    try theSleeperWakes(store)
    for id in 1...3 { store.kill(id) }
    for id in 1...3 { try store.start(id) }
    try put("last", "after all three were killed at once")
    for (key, value) in confirmed.sorted(by: { $0.key < $1.key }) {
        for id in 1...3 {
            try expect(
                try store.get(key, through: id), is: value,
                "what was confirmed is there, whoever is asked: \(key), member \(id)", idea: idea)
        }
    }
}

private func leads(_ store: RaftProcesses) throws -> Int {
    guard let leader = try store.leader() else {
        throw Failed(
            "three processes elect a leader", expected: "one within 10 s", seen: "none",
            idea: idea)
    }
    return leader
}

/// The leader is stopped and goes on as if nothing had been, while another one leads.
private func theSleeperWakes(_ store: RaftProcesses) throws {
    let leader = try leads(store)
    try require(try store.put("sleep", "old"), "a write before the leader sleeps", idea: idea)
    store.signal(leader, SIGSTOP)
    defer { store.signal(leader, SIGCONT) }
    try require(
        try store.leader(otherThan: leader) != nil,
        "while the leader is stopped, the others elect another", idea: idea)
    try require(
        try store.put("sleep", "new"), "while the former leader is stopped, the new one writes",
        idea: idea)
    store.signal(leader, SIGCONT)
    try expect(
        try store.get("sleep", through: leader), is: "new",
        "a leader that slept answers no old value",
        idea: "It woke up and thinks that it leads. What has to come in before it may answer?")
}

/// Where the cluster's build put the store's program.
private func programOfStore() -> String {
    let arguments = CommandLine.arguments
    let lab = arguments.firstIndex(of: "--lab").map { arguments[$0 + 1] } ?? "."
    return "\(lab)/../../Sources/Cluster/.build/release/raft"
}

extension Requirement {
    fileprivate static let isStoreBuilt = Requirement {
        Files.exists(programOfStore())
            ? nil : "the store's program is not built yet: run `Labs/lab up` once"
    }
}
