import Launcher
import Linux
import Tour

/// `lab test v2`: the built programs in a virtual machine with Debian 12, whose only cgroups are version 2's.
///
/// The script `Tests/VirtualMachine/run` makes the machine, boots it, and prints a line for each claim.
struct VirtualMachineTest {
    let layout: Layout
    let terminal: Terminal

    init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    func run() throws -> Outcome {
        guard geteuid() == 0 else {
            return Outcome(
                skipped: [Skipped(name: "v2", reason: "making a disk with Debian on it takes root")]
            )
        }
        let setup = Setup(layout, terminal)
        try setup.install(Setup.virtualMachine)
        try Build(layout, terminal).all()
        let script = "\(layout.root)/Tests/VirtualMachine/run"
        let output = try Pipe()
        let child = try Child.spawn(
            script, [script, try setup.kubectl()],
            descriptors: [1: output.write.raw, 2: output.write.raw])
        var lines = Lines(output.intoRead())
        var outcome = Outcome(complaint: "what is claimed did not hold; see above")
        while let line = try lines.next() {
            terminal.say(line)
            if line.hasPrefix("held ") { outcome.passed += 1 }
            if line.hasPrefix("failed ") { outcome.failed += 1 }
        }
        if !(try child.wait().succeeded) { outcome.failed = max(1, outcome.failed) }
        return outcome
    }
}
