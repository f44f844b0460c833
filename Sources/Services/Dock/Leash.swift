import Linux

/// How the dock learns that its launcher died before the cluster was Ready: a pipe whose writing end only the
/// launcher has.
///
///     a byte arrives         →  the cluster runs on by itself
///     the pipe's end arrives →  the launcher is dead, and process 1 ends: the kernel takes all that it started
///
/// So `lab up` either returns with a cluster or leaves none, however it is ended.
struct Leash {
    enum State: Equatable {
        case held, released, broken
    }

    let descriptor: Int32

    /// Looks without waiting.
    func look() -> State {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, 0) > 0 else { return .held }
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) == 1 ? .released : .broken
    }

    /// The programs that the dock starts must not have it.
    func closeOnExec() { _ = clinux_fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
}
