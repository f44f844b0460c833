import Launcher
import Tour

extension Outcome {
    /// Counts one thing that is to hold.
    mutating func attempt(_ name: String, _ body: () throws -> Void) {
        do {
            try body()
            passed += 1
        } catch {
            failed += 1
            complaint += "\n\(name): \(error)"
        }
    }
}
