import ContractAutoscaler
import Grading

/// 17.4: the highest wish, and no shrinking while one is unknown.
let theHighestWishWins = Check("17.4") { bench in
    let part = RemoteAutoscaler(asking: bench.part)
    let table: [(wishes: [Int?], current: Int, wanted: Int?, claim: String, idea: String)] = [
        (
            [3, 7], 5, 7, "the highest wish is followed",
            "Each metric says how many pods *it* needs. Fewer than the highest is too few for "
                + "that one."
        ),
        (
            [7, 3], 5, 7, "the order of the metrics says nothing",
            "The same wishes in another order need the same pods."
        ),
        (
            [2, 3], 5, 3, "all may agree to shrink",
            "Both can do with fewer, and the one that needs most needs three."
        ),
        (
            [nil, 7], 5, 7, "a metric that can't be had stops no growth",
            "What is known is reason enough to grow; the unknown could only ask for more."
        ),
        (
            [nil, 3], 5, nil, "with one metric missing nothing shrinks",
            "The missing metric may be the one that needs all five."
        ),
        (
            [4, nil, 3], 5, nil, "with one metric of three missing nothing shrinks",
            "However many agree: the missing one may need all five."
        ),
        (
            [nil, 5], 5, 5, "staying is no shrinking",
            "A wish for as many as there are may be followed, and is remembered."
        ),
        (
            [nil, nil], 5, nil, "without any metric nothing changes",
            "No metrics are not a load of zero."
        ),
        ([], 5, nil, "without any metric nothing changes", "Nobody said anything."),
        (
            [0], 5, 0, "an idle set may wish for no pods at all",
            "The bounds come later; a wish is a wish."
        ),
    ]
    for row in table {
        let wishes = row.wishes.map { $0.map(String.init) ?? "unknown" }
        try expect(
            try part.choose(among: row.wishes, current: row.current), is: row.wanted,
            "\(row.claim): wishes \(wishes.joined(separator: ", ")), \(row.current) now",
            idea: row.idea)
    }
}
