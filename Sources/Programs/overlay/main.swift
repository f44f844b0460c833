// overlay: layers into directories, directories into one tree, and back. The kubelet's snapshotter.
import CLinux
import Contracts
import Linux
import PartPipe
import Snapshots
import SolutionOverlay

func complain(_ text: String) {
    _ = (text + "\n").withCString { write(2, $0, strlen($0)) }
}

/// The reference's rules, or those of the part that the environment names.
func chooseRules() -> any OverlayRules {
    guard let part = getenv("DRYDOCK_PART_03").map({ String(cString: $0) }), !part.isEmpty else {
        return Overlay()
    }
    complain("overlay: lab 03 is answered by \(part)")
    return RemoteOverlay(PartProgram(path: part))
}

do {
    try run(Array(CommandLine.arguments.dropFirst()), rules: chooseRules())
} catch let usage as Usage {
    complain(usage.text)
    exit(2)
} catch let failure as PartFailure {
    complain("overlay: lab 03, your part: \(failure)")
    exit(3)
} catch {
    complain("overlay: \(error)")
    exit(1)
}
