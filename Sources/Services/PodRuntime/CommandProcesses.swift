import Linux

/// The processes of a command that was started in a container: its session, and whatever descends
/// from its members.
///
/// A runtime gives each command a session of its own. What a member started stays in it, unless it
/// makes one for itself; then it is found by its parent. Only who does both, a daemon, gets away,
/// as from every kubelet.
struct CommandProcesses {
    let leader: pid_t

    init(of leader: pid_t) { self.leader = leader }

    /// SIGKILL for all of them. They are stopped first, since a stopped process starts no other:
    /// when a round finds nobody new, all are known.
    func kill() {
        var known: Set<pid_t> = []
        var handles: [Int32] = []
        for _ in 0..<100 {
            let new = members().subtracting(known)
            if new.isEmpty { break }
            handles += new.compactMap(stop)
            known.formUnion(new)
        }
        for handle in handles {
            _ = clinux_pidfd_send_signal(handle, SIGKILL)
            close(handle)
        }
    }

    /// Held by a pidfd before it is looked at again: its number may have been given away meanwhile.
    private func stop(_ pid: pid_t) -> Int32? {
        let handle = clinux_pidfd_open(pid)
        guard handle >= 0 else { return nil }
        guard members().contains(pid), clinux_pidfd_send_signal(handle, SIGSTOP) == 0 else {
            close(handle)
            return nil
        }
        return handle
    }

    private func members() -> Set<pid_t> {
        var parents: [pid_t: pid_t] = [:]
        var found: Set<pid_t> = []
        for name in (try? Files.list("/proc")) ?? [] {
            guard let pid = pid_t(name), let stat = ProcessStat("/proc/\(name)/stat") else {
                continue
            }
            parents[pid] = pid_t(truncatingIfNeeded: stat[4])
            if pid == leader || stat[6] == Int(leader) { found.insert(pid) }
        }
        var more = found
        while !more.isEmpty {
            more = Set(parents.filter { more.contains($0.value) && !found.contains($0.key) }.keys)
            found.formUnion(more)
        }
        return found
    }
}

/// The numbers of /proc/PID/stat, by proc(5)'s own count of the fields.
struct ProcessStat {
    private let fields: [ArraySlice<UInt8>]

    /// nil where there is no such process.
    init?(_ path: String) {
        guard let bytes = try? Files.read(path),
            // The command's name may itself have blanks and parentheses.
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        if fields.count < 22 { return nil }
    }

    /// - Parameter number: from 4 on; what is no number is 0.
    subscript(number: Int) -> Int {
        Int(String(decoding: fields[number - 3], as: UTF8.self)) ?? 0
    }
}
