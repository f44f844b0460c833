// What Swift cannot see through Glibc: macros with arguments, system calls without a wrapper, and fork.
//
// No feature macro is defined here: Swift's own module of the C library is built without _GNU_SOURCE, which
// changes types (`__rusage_who` is an enum with it, an int without), and the two modules would disagree.
// The .c files define it for themselves.
#ifndef CLINUX_H
#define CLINUX_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/limits.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "Container.h"
#include "MountTree.h"
#include <netinet/tcp.h>
#include <netinet/in.h>

// fork(2). Swift hides it because a child of a threaded process may call little; the programs that use it
// start no thread before they do.
pid_t clinux_fork(void);

// pivot_root(2) has no wrapper in glibc.
int clinux_pivot_root(const char *new_root, const char *put_old);

// unshare(2) and setns(2), whose CLONE_* flags Swift does not import.
int clinux_unshare(int flags);
int clinux_setns(int fd, int nstype);
extern const int CLINUX_NEWUSER, CLINUX_NEWNS, CLINUX_NEWUTS, CLINUX_NEWIPC, CLINUX_NEWPID,
    CLINUX_NEWNET, CLINUX_NEWCGROUP;

// prctl(2) is variadic, and variadic functions are not imported.
int clinux_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);

// open(2) and fcntl(2), variadic too.
int clinux_open(const char *path, int flags, mode_t mode);
int clinux_fcntl(int fd, int command, int argument);

// openat2(2) has no wrapper: opens below `directory` as if that were the root, whatever links say on the way
// (RESOLVE_IN_ROOT).
int clinux_open_in_root(int directory, const char *path, int flags, mode_t mode);
// The same with other RESOLVE_* flags, of which Swift sees none.
int clinux_open_resolving(int directory, const char *path, int flags, mode_t mode, uint64_t resolve);
extern const uint64_t CLINUX_RESOLVE_NO_XDEV, CLINUX_RESOLVE_BENEATH, CLINUX_RESOLVE_NO_SYMLINKS,
    CLINUX_RESOLVE_NO_MAGICLINKS;
// O_PATH: a descriptor that names a file and opens nothing.
extern const int CLINUX_PATH;

// pipe2(2), and posix_spawn_file_actions_addchdir_np(3) and _addclosefrom_np(3): declared for _GNU_SOURCE alone.
int clinux_pipe2(int ends[2], int flags);
int clinux_spawn_in(posix_spawn_file_actions_t *actions, const char *directory);
int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

// makedev(3) and its inverses are macros.
dev_t clinux_makedev(unsigned major, unsigned minor);
unsigned clinux_major(dev_t device);
unsigned clinux_minor(dev_t device);

// errno(3) and environ(7): a macro and a global that Swift will not read.
int clinux_errno(void);
char **clinux_environ(void);

// signal(SIGPIPE, SIG_IGN): a write to a closed pipe answers EPIPE instead of ending the program.
void clinux_ignore_sigpipe(void);

// setvbuf(stdout, NULL, _IOLBF, 0): a line is out when it is printed, also into a file.
void clinux_line_buffer_stdout(void);

// bind(2) to 127.0.0.1: sockaddr_in behind a cast that Swift makes hard to read.
int clinux_bind_loopback(int fd, uint16_t port);

// connect(2) to a dotted IPv4 address; -1 and EINVAL where it is none.
int clinux_connect(int fd, const char *address, uint16_t port);

// bind(2) to a dotted IPv4 address, and listen(2).
int clinux_listen(int fd, const char *address, uint16_t port);

// accept(2) by somebody who does not ask who called.
int clinux_accept(int fd);
int clinux_accept_nonblocking(int fd);

// The pieces of a wait status.
int clinux_exited(int status);
int clinux_exit_status(int status);
int clinux_signaled(int status);
int clinux_term_signal(int status);

#endif
