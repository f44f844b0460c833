/// How a check's program is called; `lab check` does that.
///
///     check-10 --part PATH --lab DIR [--steps 10.1,10.2] [--passed 10.1] [--seed N] [--seeds COUNT]
///              [--size N] [--live KUBECONFIG] [--reference PATH] [--mutants DIR] [--logs DIR]
///              [--show yes] [--runs yes] [--seeded yes] [--processes yes] [--try ARGUMENT …]
public struct CheckOptions: Sendable {
    /// The part's program.
    public var part = ""
    /// The lab's folder, which holds lab.json.
    public var lab = ""
    /// The steps to judge; empty for all.
    public var steps: [String] = []
    public var seed = 1
    /// How many seeds; nil for as many as each check usually tries.
    public var seedCount: Int?
    /// The size of every run, where one run is to be repeated.
    public var size: Int?
    /// The kubeconfig of a running cluster, for live steps.
    public var live: String?
    /// The reference as a program, and known wrong parts as programs: for the open step.
    public var reference: String?
    public var mutants: String?
    /// Where transcripts are kept.
    public var logs: String?
    /// Steps that are known to have passed, and need no second look for the sake of others.
    public var passed: [String] = []
    /// Whether a run that passes shows its timeline too: for `lab replay`.
    public var shows = false
    /// Whether of a step that is tried with seeds only the runs are looked at, and none of its tables: for `lab replay`.
    public var runsOnly = false
    /// Whether only steps that are tried with many seeds are judged.
    public var seededOnly = false
    /// Whether live steps that start their own processes are judged without a cluster too.
    public var startsProcesses = false
    /// What follows `--try`; nil without it.
    public var trying: [String]?

    /// - Throws: `UsageError`, which names the argument.
    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            if flag == "--try" {
                trying = Array(rest)
                break
            }
            guard let value = rest.popFirst() else { throw UsageError("\(flag) needs a value") }
            func number() throws -> Int {
                guard let number = Int(value), number >= 0 else {
                    throw UsageError("\(flag) takes a number, not \"\(value)\"")
                }
                return number
            }
            switch flag {
            case "--part": part = value
            case "--lab": lab = value
            case "--steps": steps = value.split(separator: ",").map(String.init)
            case "--seed": seed = try number()
            case "--seeds": seedCount = max(1, try number())
            case "--size": size = try number()
            case "--live": live = value
            case "--reference": reference = value
            case "--mutants": mutants = value
            case "--logs": logs = value
            case "--passed": passed = value.split(separator: ",").map(String.init)
            case "--show": shows = value == "yes"
            case "--runs": runsOnly = value == "yes"
            case "--seeded": seededOnly = value == "yes"
            case "--processes": startsProcesses = value == "yes"
            default: throw UsageError("no such option: \(flag)")
            }
        }
        if part.isEmpty || lab.isEmpty { throw UsageError("--part and --lab are needed") }
    }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
