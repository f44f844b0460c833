import Linux
import Logging
import UnixSignals

/// The shell of a daemon: logs to standard error, runs until SIGTERM or SIGINT, and ends tidily.
public enum Daemon {
    /// Runs `service` until it throws or a signal asks for the end; then everything in it is cancelled.
    ///
    /// The caller's process ends within two seconds of the signal, whatever still hangs.
    public static func run(
        _ service: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service() }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { return }
            }
            defer { group.cancelAll() }
            _ = try await group.next()
        }
    }

    /// To be called once, before the first logger is made.
    public static func bootstrapLogging() {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    }
}
