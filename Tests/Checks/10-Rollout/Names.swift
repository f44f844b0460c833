import ContractRollout
import Grading

/// 10.1: a template is known by its hash, and the set that has it is the new one.
let theHashNamesTheTemplate = Check("10.1") { bench in
    let part = RemoteRollout(asking: bench.part)
    let (one, other) = (podTemplate("v1"), podTemplate("v2"))
    let table: [(text: String, collisions: Int?, hash: String)] = [
        ("", nil, "65bb57b6b5"), ("a", nil, "7d6b446664"), (one, nil, "5dcdd6d7c7"),
        (other, nil, "75b75bfff6"), ("café", nil, "6d65854ddf"),
        ("a", 0, "8579b649dd"), ("a", 1, "55d9c74745"), ("a", 258, "79db557dd5"),
        ("a", 16_909_060, "75cfd8cdd4"),
    ]
    for row in table {
        let count = row.collisions.map { ", collision count \($0)" } ?? ""
        try expect(
            try part.templateHash(row.text, collisionCount: row.collisions), is: row.hash,
            "the hash of \"\(row.text)\"\(count)",
            idea:
                "Byte by byte: first exclusive or, then times the prime, in 32 bits that overflow. "
                + "Then each decimal digit as a letter, found by the digit's ASCII code ('0' is "
                + "48). "
                + "A collision count adds four bytes, the low one first; without a count there "
                + "are none."
        )
    }
    try findsTheNewSet(part)
}

private func podTemplate(_ tag: String) -> String {
    #"{"spec":{"containers":[{"image":"web:"# + tag + #"","name":"web"}]}}"#
}

private func findsTheNewSet(_ part: RemoteRollout) throws {
    var leaving = set("v2", 3, created: 1)
    (leaving.terminating, leaving.name) = (true, "web-v2-leaving")
    var twin = set("v2", 0, created: 1)
    twin.name = "web-v2-twin"
    // The older of two in nothing but its age.
    var older = set("v2", 5, revision: 7, created: 2)
    older.name = "web-v2-older"
    var same = set("v2", 0, created: 5)
    same.name = "web-v2-same"
    let younger = set("v2", 0, created: 5)
    let table: [(sets: [RevisionFacts], expected: String?, claim: String, idea: String)] = [
        (
            [set("v1", 3, revision: 2, created: 9), set("v2", 0, revision: 1, created: 1)],
            "web-v2", "the hash decides which set is the new one, not the age or the revision",
            "After an undo the new set is the oldest of all. New means: has the present template."
        ),
        (
            [set("v1", 3)], nil, "there is no new set before one has the present template",
            "nil says: it has yet to be created."
        ),
        ([], nil, "without any set there is no new one", "A Deployment's first look sees no set."),
        (
            [set("v2", 1, created: 5), twin], "web-v2-twin",
            "of several sets with the present template the oldest is the new one",
            "All looks must agree on one of them, or two would grow in turns."
        ),
        (
            [younger, older], "web-v2-older",
            "the oldest is the one that was made first, whatever its size and revision",
            "Sizes and numbers change from look to look, and the answer must not."
        ),
        (
            [younger, same], "web-v2", "of two of the same age the name decides",
            "All looks must agree on one of them."
        ),
        (
            [same, younger], "web-v2", "of two of the same age the name decides",
            "All looks must agree on one of them, in whatever order they come."
        ),
        (
            [leaving, set("v2", 0, created: 7)], "web-v2",
            "a set that is being deleted is not the new one",
            "It takes no more orders: a rollout that waits for it would never end."
        ),
        (
            [leaving, set("v1", 3, created: 7)], nil,
            "where only a set that is being deleted has the template, there is no new one",
            "It takes no more orders: a rollout that waits for it would never end."
        ),
    ]
    for row in table {
        let seen = try part.newReplicaSet(deployment(3), among: row.sets)
        try expect(seen, is: row.expected, row.claim, idea: row.idea)
    }
}
