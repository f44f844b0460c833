// What making a container's process takes beyond glibc's wrappers.
#ifndef CLINUX_CONTAINER_H
#define CLINUX_CONTAINER_H

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <termios.h>

// clone3(2) used like fork(2): the child returns 0 in a copy of this process, in the new namespaces of `flags`.
// glibc's own bookkeeping is not told, so the caller must have one thread and the child must end in exec or _exit.
pid_t clinux_clone(uint64_t flags);

// setgroups(2), setresuid(2), setresgid(2) as plain system calls of the one thread there is.
int clinux_setgroups(int count, const gid_t *groups);
int clinux_setresuid(uid_t uid);
int clinux_setresgid(gid_t gid);

// capset(2) of the calling thread, 64 bits a set.
int clinux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable);
// The highest capability this kernel knows.
int clinux_capability_last(void);

// setrlimit(2), whose first argument Swift sees as an enum that is not there everywhere.
int clinux_setrlimit(int resource, const struct rlimit *limit);

// The IFF_… flags of an interface of the current network namespace: ioctl(2) with a union that Swift can't read.
int clinux_interface_flags(const char *name, int *flags);
int clinux_set_interface_flags(const char *name, int flags);

// close_range(2): every descriptor from `first` on is closed by the next exec.
int clinux_cloexec_from(unsigned int first);
// close_range(2): every descriptor from `first` on is closed now.
int clinux_close_from(unsigned int first);

// The same, closed at once.
int clinux_close_from(unsigned int first);

// getcwd(2) as the kernel answers it: "(unreachable)/…" for a directory outside the root. The length with the zero.
int clinux_getcwd(char *buffer, unsigned long size);

// seccomp(2): `count` instructions of a filter, eight bytes each.
int clinux_filter(const uint64_t *instructions, unsigned short count, unsigned int flags);

// A file in memory (memfd_create(2)), and the seals that let nobody change it any more.
int clinux_memfd(const char *name);
int clinux_seal(int fd);
int clinux_is_sealed(int fd);
// Whether what `fd` was opened through can't be written to (ST_RDONLY of statvfs(3)).
int clinux_is_on_read_only_mount(int fd);
// The file at `path` on a read-only mount that is in no namespace (open_tree(2)), as a descriptor of O_PATH.
int clinux_read_only_view(const char *path);
// mount_setattr(2) of the mount that `fd` is the root of, and with `recursive` of all below it.
int clinux_mount_attributes(int fd, int recursive, uint64_t set, uint64_t clear);
// execveat(2) of the open file itself.
int clinux_exec_descriptor(int fd, char *const argv[], char *const envp[]);

// keyctl(2): a session keyring of its own, so that none is shared with whoever started us.
int clinux_new_session_keyring(const char *name);

// Terminals: ioctl(2) is variadic.
int clinux_unlock_pty(int master, int *number);
int clinux_take_terminal(int fd);
int clinux_set_window(int fd, unsigned short rows, unsigned short columns);

// Gives terminal `to` the window size of terminal `from`.
int clinux_copy_window(int from, int to);

// One descriptor over a unix socket (SCM_RIGHTS). The receiver answers the descriptor, or -1.
int clinux_send_descriptor(int socket, int fd, const char *name);
int clinux_receive_descriptor(int socket);
int clinux_connect_unix(const char *path);
// Waits for one connection at a path, and answers it.
int clinux_accept_unix(int listener);
int clinux_listen_unix(const char *path);

// Loads a device program of `count` instructions and attaches it to the cgroup (version 2) open as `cgroup`.
int clinux_attach_device_program(int cgroup, const uint64_t *instructions, uint32_t count);

// execve(2) and _exit(2), which Swift hides or takes for returning.
int clinux_execve(const char *path, char *const argv[], char *const envp[]);
void clinux_exit_now(int status) __attribute__((noreturn));
int clinux_pidfd_open(pid_t pid);
// kill(2) where the process is known by a pidfd, so that a reused number is never hit.
int clinux_pidfd_send_signal(int pidfd, int signal);

#endif
