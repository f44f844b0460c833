import ContractMiniCluster
import Grading
import Linux

/// `lab try 19 rehearse [SEED …]`: plants the faults of these seeds, or every one, and judges answers to each: the right
/// one is taken, and with anything wrong in it, it is refused. Not for students: `lab test` calls it.
func rehearse(_ seeds: [Int], _ cluster: LiveCluster) throws {
    guard Record.all(cluster).isEmpty else {
        throw Failed("a fault is in the cluster already: first lab try 19 heal", idea: "")
    }
    var chosen: [Fault] = seeds.isEmpty ? Fault.all : []
    for seed in seeds {
        for drill in 1...3 {
            let fault = Fault.chosen(drill: drill, seed: seed)
            if !chosen.contains(where: { $0.name == fault.name }) { chosen.append(fault) }
        }
    }
    var tally = Tally()
    for fault in chosen {
        _ = try clear(cluster)
        try plant(fault, cluster)
        defer { try? fault.heal(cluster) }
        try answer(fault, cluster, &tally)
    }
    _ = try clear(cluster)
    print("sum: \(tally.held) passed, \(tally.broken) failed, 0 skipped")
    if tally.broken > 0 { throw Failed("a drill takes a wrong answer, or refuses a right one", idea: "") }
}

private struct Tally {
    var held = 0
    var broken = 0

    mutating func note(_ what: String, _ holds: Bool, _ words: String = "") {
        if holds { held += 1 } else { broken += 1 }
        print("  \(holds ? "holds  " : "BROKEN ") \(what)\(holds ? "" : ": \(words)")")
    }
}

private func answer(_ fault: Fault, _ cluster: LiveCluster, _ tally: inout Tally) throws {
    var complaint: Failed?
    // What hurts needs a moment to show: an image is asked for, pods are made.
    let isTaken = try cluster.wait(seconds: 60) {
        complaint = try refusal(of: fault.answer, fault, cluster)
        return complaint == nil
    }
    tally.note(
        "fault \(fault.name): the right answer is taken", isTaken,
        "\(complaint?.claim ?? ""), seen \(complaint?.seen ?? "")")
    for (what, wrong, words) in wrongAnswers(fault) {
        let refusal = try refusal(of: wrong, fault, cluster)
        tally.note(
            "fault \(fault.name): \(what) is refused", refusal?.claim.contains(words) == true,
            refusal.map { "with the words \"\($0.claim)\"" } ?? "it is taken")
    }
}

private func refusal(
    of diagnosis: Diagnosis, _ fault: Fault, _ cluster: LiveCluster
) throws -> Failed? {
    do {
        try judge(diagnosis, of: fault, cluster)
        return nil
    } catch let failed as Failed { return failed }
}

/// The right answer with one thing wrong, and what has to be said of it.
private func wrongAnswers(_ fault: Fault) -> [(String, Diagnosis, String)] {
    func changed(_ change: (inout Diagnosis) -> Void) -> Diagnosis {
        var answer = fault.answer
        change(&answer)
        return answer
    }
    func command(_ text: String) -> Diagnosis { changed { $0.command = text } }
    let word = fault.giveaways[0]
    return [
        (
            "a wrong component", changed { $0.component = fault.drill == 1 ? "namespace/drill" : "apiserver" },
            "the component is the one"
        ),
        ("a wrong cause", changed { $0.cause = .permissionMissing }, "the cause is the one"),
        ("a command that shows nothing", command("kubectl get namespaces"), "the command shows it:"),
        ("a command that fails", command("kubectl get pods nobody -n drill"), "the command succeeds"),
        (
            "a command that says it itself", command("kubectl create namespace \(word) --dry-run=client"),
            "without naming it"
        ),
        ("an echo", command("lab enter node-2 -- echo fine"), "looks at the node"),
        ("another program", command("cat /proc/self/status"), "begins with kubectl or lab"),
    ]
}
