// pause: holds a pod's namespaces. Process 1 of the pod's PID namespace, if the pod has one of its
// own: it reaps whatever is orphaned to it, and ends on SIGTERM or SIGINT.
import Linux

/// As process 1 it gets only signals that it asks for, and these are taken one by one: no handler
/// interrupts anything.
var wanted = sigset_t()
sigemptyset(&wanted)
for signal in [SIGTERM, SIGINT, SIGCHLD] { sigaddset(&wanted, signal) }
sigprocmask(SIG_BLOCK, &wanted, nil)

while true {
    switch sigwaitinfo(&wanted, nil) {
    case SIGCHLD: while waitpid(-1, nil, WNOHANG) > 0 {}
    case SIGTERM, SIGINT: exit(0)
    default: break
    }
}
