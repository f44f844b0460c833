import NIOCore

/// Runs tasks on an event loop's own thread.
///
/// A request passes between the gRPC server's tasks and the member's actor half a dozen times. The member
/// lives on the loop; with the tasks there too none of these steps wakes another thread, which costs more
/// than the work itself.
final class LoopTaskExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
