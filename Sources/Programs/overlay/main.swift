// overlay: layers into directories, directories into one tree, and back. The kubelet's snapshotter.
import ContractOverlay
import Linux
import PartPipe
import Snapshots
import SolutionOverlay

/// The reference's rules, or those of the part that the environment names.
func chooseRules() -> any OverlayRules {
    guard let part = environmentVariable("DRYDOCK_PART_03") else {
        return Overlay()
    }
    printError("overlay: lab 03 is answered by \(part)")
    return RemoteOverlay(PartProgram(path: part))
}

do {
    try run(Array(CommandLine.arguments.dropFirst()), rules: chooseRules())
} catch let usage as Usage {
    printError(usage.text)
    exit(2)
} catch let failure as PartFailure {
    printError("overlay: lab 03, your part: \(failure)")
    exit(3)
} catch {
    printError("overlay: \(error)")
    exit(1)
}
