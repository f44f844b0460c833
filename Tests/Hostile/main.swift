import Linux
import PartPipe

// A part that misbehaves, in the way that its program's name says (hostile-hang). It is also a wrong part, for tests
// that ought to find it (hostile-plus), and a suite of tests, for those who judge such (hostile-forged).

let way = CommandLine.arguments[0].split(separator: "-").last.map(String.init) ?? ""
if way == "leaves" { try Files.write("", to: "\(CommandLine.arguments[0]).was-here") }
if way == "asks" { try askFromACell() }
serve(Hostile(), tests: Suite())
