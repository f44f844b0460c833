import Grading
import Linux
import Study

let arguments = Array(CommandLine.arguments.dropFirst())
let kit = Kit(root: environmentVariable("DRYDOCK_ROOT") ?? ".")
do {
    guard arguments.count >= 2 else { throw StudyError("usage: study check NN [--reference] | study prove NN [MUTANT|STEP]") }
    let lab = try kit.lab(String(arguments[1].prefix(2)))
    if arguments[0] == "prove" {
        let broken = try Proof(kit) { print($0) }
            .run(lab, only: arguments.count > 2 ? arguments[2] : nil, Checker.Wish())
        exit(broken.isEmpty ? 0 : 1)
    }
} catch {
    printError("lab: \(error)")
    exit(1)
}
