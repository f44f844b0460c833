import ContractServiceDNAT
import Grading
import RuleTracing

/// 14.2: all endpoints of a Service get the same share, exactly, and no packet gets past the last rule.
let everyEndpointHasTheSameShare = Check.seeded("14.2", sizes: 1...12, usually: 12) { bench, run in
    let scene = Scene(bench, "14.2")
    if run.seed == bench.options.seed { try probabilitiesAreThoseOfTheRest(scene.part) }
    let port = Scene.service(endpoints: run.size)
    let called = try Traced(Scene.call(port), scene.tracer([port]))
    bench.show(called.way())
    let all = Set(port.endpoints.map { "\($0.address):\($0.port)" })
    let lost = called.shares.filter { !all.contains($0.key) }.values.reduce(.zero, +)
    if lost != .zero {
        throw called.fail(
            "no packet gets past the rules of \(run.size) endpoints", expected: "0",
            seen:
                "\(lost) of the connections (\(lost.percent)) match none, and go on to an address that nobody has",
            idea:
                "The rules are tried one after the other. Ask of each: how much of the whole gets as far as here?"
        )
    }
    let fair = Fraction(1, run.size)
    if called.shares != Dictionary(uniqueKeysWithValues: all.map { ($0, fair) }) {
        throw called.fail(
            "each of \(run.size) endpoints has the same share", expected: "\(fair) each",
            idea:
                "A rule sees only what those before it let pass. For the same share of the whole, later rules have to take more of what is left."
        )
    }
}

private func probabilitiesAreThoseOfTheRest(_ part: RemoteServiceDNAT) throws {
    let idea =
        "Of those that remain, each has the same right: one of them. The kernel keeps 31 bits of the number, so ten digits are what it takes; the last rule needs no dice."
    let known: [(Int, String?)] = [
        (4, "0.2500000000"), (3, "0.3333333333"), (2, "0.5000000000"), (1, nil),
        (6, "0.1666666667"), (7, "0.1428571429"), (1000, "0.0010000000"),
        (100_000, "0.0000100000"),
    ]
    for (remaining, text) in known {
        try expect(
            part.probability(remaining: remaining), is: text,
            "the probability where \(remaining) remain has ten digits and is that of one among them",
            idea: idea)
    }
}
