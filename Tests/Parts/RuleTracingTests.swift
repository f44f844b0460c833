import RuleTracing
import Testing

@Suite struct RuleTracingTests {
    private func trace(_ rules: String) throws -> [Outcome] {
        let text = "*nat\n:PREROUTING ACCEPT [0:0]\n:ONE - [0:0]\n:TWO - [0:0]\n\(rules)\nCOMMIT\n"
        return try Tracer(Ruleset(text), machine: Machine(addresses: ["10.88.0.11"]))
            .trace(Packet(from: "10.244.1.9", to: "10.96.0.10", port: 80))
    }

    @Test func aThirdOnEachOfThreeRulesLeavesEightOfTwentySeven() throws {
        let rule =
            "-A PREROUTING -p tcp -m statistic --mode random --probability 0.3333333333 -j DNAT --to-destination"
        let outcomes = try trace(
            (2...4).map { "\(rule) 10.244.1.\($0):80" }.joined(separator: "\n"))
        let shares = outcomes.sorted { $0.packet.destination < $1.packet.destination }.map(\.share)
        #expect(
            shares == [Fraction(1, 3), Fraction(2, 9), Fraction(4, 27), Fraction(8, 27)])
        #expect(shares.reduce(.zero, +) == .one)
    }

    @Test(
        "A decimal is the fraction that the kernel can't tell from it",
        arguments: [
            ("0.3333333333", Fraction(1, 3)), ("0.33333333349", Fraction(1, 3)),
            ("0.5", Fraction(1, 2)), ("0.33", Fraction(33, 100)), ("1", Fraction(1, 1)),
            ("0", Fraction(0, 1)), ("0.0000100000", Fraction(1, 100_000)),
            ("0.6666666667", Fraction(666_666_667, 1_000_000_000)),
        ])
    func decimals(text: String, fraction: Fraction) {
        #expect(Fraction(probability: text) == fraction)
    }

    @Test(
        "What the kernel would refuse is an error",
        arguments: [
            "-A PREROUTING -j NOWHERE", "-A PREROUTING -j REJECT", "-A PREROUTING --colour red",
            "-A PREROUTING -j ONE\n-A ONE -j TWO\n-A TWO -j ONE",
            "-A PREROUTING -m statistic --mode random --probability much -j ONE",
        ])
    func refused(rules: String) {
        #expect(throws: UnknownRule.self) { try trace(rules) }
    }

    @Test func whoWasSentByGotoComesBackBehindTheChainBefore() throws {
        let outcomes = try trace(
            """
            -A PREROUTING -j ONE
            -A PREROUTING -j DNAT --to-destination 10.0.0.1
            -A ONE -g TWO
            -A ONE -j DNAT --to-destination 10.0.0.2
            """)
        #expect(outcomes.map(\.packet.destination) == ["10.0.0.1"])
    }

    @Test func anEstablishedConnectionIsNotAskedAboutAgain() throws {
        var packet = Packet(from: "10.244.1.9", to: "10.96.0.10", port: 80)
        packet.isEstablished = true
        let text = "*nat\n-A PREROUTING -j DNAT --to-destination 10.0.0.1\nCOMMIT\n"
        let tracer = Tracer(Ruleset(text), machine: Machine(addresses: []))
        #expect(try tracer.trace(packet).map(\.packet.destination) == ["10.96.0.10"])
    }
}
