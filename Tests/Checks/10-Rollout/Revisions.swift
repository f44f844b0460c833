import ContractRollout
import Grading

/// 10.4: what comes back gets a new number, and an undo knows where to go.
let whatComesBackIsNew = Check("10.4") { bench in
    let part = RemoteRollout(asking: bench.part)
    func facts(_ template: String) -> DeploymentFacts { deployment(3, template: template) }
    let two = [set("v1", 0, revision: 1), set("v2", 3, revision: 2, created: 2)]
    let numbers: [(template: String, sets: [RevisionFacts], expected: Int, claim: String)] = [
        ("v1", [], 1, "the first revision is 1"),
        ("v2", [set("v1", 3, revision: 1)], 2, "a new template is one more than the highest"),
        ("v2", two, 2, "the new set keeps its number as long as it is the highest"),
        ("v1", two, 3, "after an undo revision 1 becomes 3"),
        (
            "v9", [set("v4", 0, revision: 7), set("v2", 3, revision: 3)], 8,
            "one more than the highest, not than the last or the count"
        ),
        ("v1", [set("v1", 3, revision: 5)], 5, "a number never falls"),
    ]
    for row in numbers {
        try expect(
            try part.revision(facts(row.template), among: row.sets), is: row.expected,
            "\(row.claim): the template is \(row.template), there are \(history(row.sets))",
            idea:
                "A revision says when a template was last made the present one. Coming back is "
                + "being made the present one anew."
        )
    }
    let undone = [set("v1", 3, revision: 3), set("v2", 0, revision: 2, created: 2)]
    let three = two + [set("v3", 3, revision: 3, created: 3)]
    let turned = [
        set("v1", 0, revision: 3, created: 1), set("v2", 0, revision: 2, created: 3),
        set("v3", 3, revision: 4, created: 2),
    ]
    let foreign = [set("v1", 0, revision: 0), set("v2", 3, revision: 1)]
    let targets: [(String, [RevisionFacts], target: Int, expected: String?, claim: String)] = [
        ("v2", two, 0, "web-v1", "an undo goes to the revision before the present one"),
        ("v1", undone, 0, "web-v2", "an undo of an undo goes forward again, not to itself"),
        (
            "v1", two + [set("v3", 1, revision: 3, created: 3)], 0, "web-v3",
            "an undo of a change that has no number yet goes to the highest of the others"
        ),
        ("v2", two, 1, "web-v1", "an undo finds the revision that it is told"),
        ("v2", two, 2, "web-v2", "an undo to the present revision is allowed"),
        ("v3", three, 1, "web-v1", "an undo to revision 1 goes there, and not to the one before"),
        ("v3", turned, 0, "web-v1", "the number says which came before, not the age"),
        ("v3", turned, 2, "web-v2", "the number is the revision, not the age"),
        ("v2", two, 7, nil, "an undo to a revision that is gone finds nothing"),
        ("v1", [set("v1", 3)], 0, nil, "with one revision there is no way back"),
        ("v2", foreign, 0, nil, "a set without a revision is no target"),
    ]
    for (template, sets, target, expected, claim) in targets {
        try expect(
            try part.undoTarget(facts(template), among: sets, to: target), is: expected,
            "\(claim): the template is \(template), there are \(history(sets)), undo to \(target)",
            idea:
                "The numbers are the history: the highest is the present, the one below it the "
                + "one before. Which of them is the present set, newReplicaSet "
                + "says."
        )
    }
}

private func history(_ sets: [RevisionFacts]) -> String {
    sets.isEmpty
        ? "no sets" : sets.map { "\($0.name) (revision \($0.revision))" }.joined(separator: ", ")
}
