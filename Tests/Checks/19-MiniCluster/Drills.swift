import ContractMiniCluster
import Grading
import JSON
import Launcher
import Linux

/// 19.2 to 19.4: what the student says about the fault that was planted.
func drill(_ number: Int, step: String) -> Check {
    Check(step, live: true) { bench in
        let cluster = try LiveCluster()
        let record = try Record.read(number, cluster)
        let diagnosis = try RemoteMiniCluster(asking: bench.part).diagnosis(number)
        let fault = Fault.chosen(drill: number, seed: record.seed)
        try judge(diagnosis, of: fault, cluster)
    }
}

/// What there is to say about a diagnosis while its fault is in the cluster.
func judge(_ diagnosis: Diagnosis, of fault: Fault, _ cluster: LiveCluster) throws {
    let component = normal(diagnosis.component)
    let idea =
        "A fault is named by where it is, not by where it hurts. Follow one object on its way until it goes no further."
    let places = fault.right.flatMap(\.components)
    try require(
        places.contains(component), "fault \(fault.drill): the component is the one at fault",
        seen: diagnosis.component, idea: idea)
    try require(
        fault.right.contains {
            $0.components.contains(component) && $0.cause == diagnosis.cause
        },
        "fault \(fault.drill): the cause is the one",
        seen: "\(diagnosis.cause) at \(diagnosis.component)",
        idea: "The component is right. What exactly does it lack, or not do?")
    try shown(diagnosis.command, fault, cluster)
}

/// `deploy/shop` and `deployments/shop` are `deployment/shop`.
private func normal(_ component: String) -> String {
    let halves = component.lowercased().split(separator: "/").map(String.init)
    guard halves.count == 2 else { return component.lowercased() }
    let kinds = [
        "deploy": "deployment", "deployments": "deployment", "svc": "service",
        "services": "service",
    ]
    return "\(kinds[halves[0]] ?? halves[0])/\(halves[1])"
}

/// What may be run on a node: programs that tell what is there, and print none of their own words.
private let lookers = ["ip", "iptables", "iptables-save", "nft", "ss", "ps", "curl", "ping", "cat"]

/// Runs the student's command, without a shell, and looks whether what it prints shows the fault.
private func shown(_ command: String, _ fault: Fault, _ cluster: LiveCluster) throws {
    let words = command.split(separator: " ").map(String.init)
    try require(
        !fault.giveaways.contains { command.contains($0) },
        "the command shows it without naming it: \(command)",
        idea: "What you are looking for must come from the cluster, not from the question.")
    let result: LiveCluster.Result
    switch words.first {
    case "kubectl": result = try cluster.kubectl(Array(words.dropFirst()))
    case "lab", "Labs/lab":
        let entered = words.firstIndex(of: "enter").map { words.dropFirst($0 + 2).first { $0 != "--" } }
        try require(
            entered.map { lookers.contains($0 ?? "") } ?? true, "the command looks at the node: \(command)",
            idea: "On a node, these look: \(lookers.joined(separator: ", ")).")
        result = try cluster.lab(Array(words.dropFirst()))
    default:
        throw Failed(
            "the command begins with kubectl or lab", seen: command,
            idea: "Pipes and shells are not needed: the judge looks through the whole output.")
    }
    // Where something is not ready, `lab status` says so in its exit status too.
    try require(
        result.succeeded || words.dropFirst().first == "status", "the command succeeds: \(command)",
        seen: String(result.errors.prefix(400)),
        idea: "What a command complains about says nothing of the cluster.")
    try require(
        fault.shows(result.output), "the command shows it: \(command)",
        seen: String(result.output.prefix(400)),
        idea:
            "Choose the command whose output differs from that of a healthy cluster in just this point."
    )
}

/// Which fault was planted, and with what seed: `.drydock/drills/1.json`.
struct Record {
    let seed: Int

    private static func path(_ number: Int, _ cluster: LiveCluster) -> String {
        "\(cluster.state)/drills/\(number).json"
    }

    static func read(_ number: Int, _ cluster: LiveCluster) throws -> Record {
        guard let text = try? Files.readText(path(number, cluster)),
            let seed = (try? JSON(parsing: Array(text.utf8)))?["seed"]?.int
        else {
            throw Failed(
                "fault \(number) has been put into the cluster", seen: "nothing was",
                idea: "Labs/lab try 19 fault \(number)")
        }
        return Record(seed: seed)
    }

    static func write(_ number: Int, seed: Int, _ cluster: LiveCluster) throws {
        try Files.makeDirectories("\(cluster.state)/drills")
        try Files.write("{\"seed\":\(seed)}\n", to: path(number, cluster))
    }

    static func remove(_ number: Int, _ cluster: LiveCluster) { unlink(path(number, cluster)) }
    static func all(_ cluster: LiveCluster) -> [(number: Int, seed: Int)] {
        (1...3).compactMap { number in (try? read(number, cluster)).map { (number, $0.seed) } }
    }
}

/// `lab try 19 fault N [--seed S]` and `lab try 19 heal`.
func tryDrills(_ words: [String]) throws {
    let cluster = try LiveCluster()
    if words.first == "rehearse" { return try rehearse(words.dropFirst().compactMap { Int($0) }, cluster) }
    if words.first == "heal" {
        for planted in Record.all(cluster) {
            try Fault.chosen(drill: planted.number, seed: planted.seed).heal(cluster)
            Record.remove(planted.number, cluster)
        }
        let isGone = try clear(cluster)
        print("All faults are taken out again.")
        if !isGone { print("The namespace drill is still going: kubectl get pods -n drill") }
        return
    }
    guard words.first == "fault", words.count >= 2, let number = Int(words[1]),
        (1...3).contains(number)
    else {
        throw Failed(
            "usage: lab try 19 fault 1|2|3 [--seed N], or lab try 19 heal", idea: "")
    }
    guard Record.all(cluster).isEmpty else {
        throw Failed("a fault is in the cluster already: first lab try 19 heal", idea: "")
    }
    let seed = words.count == 4 && words[2] == "--seed" ? Int(words[3]) ?? 1 : seedOfThisUser()
    try plant(Fault.chosen(drill: number, seed: seed), cluster)
    try Record.write(number, seed: seed, cluster)
    print(stories[number - 1])
    print(
        "Find out why, write it into Labs/19-MiniCluster/Diagnoses.swift, then: Labs/lab check 19.\(number + 1) --live"
    )
    print("When you are done: Labs/lab try 19 heal")
}

/// The first drill is a shop that never was right; the others happen to one that works.
func plant(_ fault: Fault, _ cluster: LiveCluster) throws {
    if fault.drill > 1 {
        try cluster.apply(Drill().manifest)
        _ = try cluster.kubectl(
            ["rollout", "status", "deployment/shop", "-n", "drill", "--timeout=60s"])
    }
    try fault.plant(cluster)
}

/// Takes the shop away.
/// - Returns: whether it is gone: a namespace that is on its way out takes no new one.
func clear(_ cluster: LiveCluster) throws -> Bool {
    _ = try cluster.kubectl([
        "delete", "namespace", "drill", "--ignore-not-found", "--wait=false",
    ])
    return try cluster.wait(seconds: 60) {
        try !cluster.kubectl(["get", "namespace", "drill"]).succeeded
    }
}

/// The same on every run of one student, and another for the next.
private func seedOfThisUser() -> Int {
    let name = environmentVariable("SUDO_USER") ?? environmentVariable("USER") ?? "\(getuid())"
    return 1 + name.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % 997
}

private let stories = [
    "In the namespace drill somebody has deployed a shop: a Deployment and a Service. The Service answers nobody.",
    "The shop in the namespace drill was fine. Then it was scaled to eight, and that does not happen.",
    "The shop in the namespace drill answers. But from node-2 its Service fails, always or now and then.",
]
