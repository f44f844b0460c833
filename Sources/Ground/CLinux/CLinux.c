#define _GNU_SOURCE
#include "CLinux.h"
#include <arpa/inet.h>
#include <netinet/in.h>

#include <linux/openat2.h>

pid_t clinux_fork(void) { return fork(); }

int clinux_pivot_root(const char *new_root, const char *put_old) {
    return (int)syscall(SYS_pivot_root, new_root, put_old);
}

int clinux_unshare(int flags) { return unshare(flags); }
int clinux_setns(int fd, int nstype) { return setns(fd, nstype); }

const int CLINUX_NEWUSER = CLONE_NEWUSER, CLINUX_NEWNS = CLONE_NEWNS, CLINUX_NEWUTS = CLONE_NEWUTS,
          CLINUX_NEWIPC = CLONE_NEWIPC, CLINUX_NEWPID = CLONE_NEWPID, CLINUX_NEWNET = CLONE_NEWNET,
          CLINUX_NEWCGROUP = CLONE_NEWCGROUP;

int clinux_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    return prctl(option, a, b, c, d);
}

int clinux_exited(int status) { return WIFEXITED(status); }
int clinux_exit_status(int status) { return WEXITSTATUS(status); }
int clinux_signaled(int status) { return WIFSIGNALED(status); }
int clinux_term_signal(int status) { return WTERMSIG(status); }

int clinux_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
int clinux_fcntl(int fd, int command, int argument) { return fcntl(fd, command, argument); }

int clinux_open_resolving(int directory, const char *path, int flags, mode_t mode, uint64_t resolve) {
    struct open_how how = {.flags = (unsigned)flags, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}
int clinux_open_in_root(int directory, const char *path, int flags, mode_t mode) {
    return clinux_open_resolving(directory, path, flags, mode, RESOLVE_IN_ROOT);
}

const uint64_t CLINUX_RESOLVE_NO_XDEV = RESOLVE_NO_XDEV, CLINUX_RESOLVE_BENEATH = RESOLVE_BENEATH,
               CLINUX_RESOLVE_NO_SYMLINKS = RESOLVE_NO_SYMLINKS,
               CLINUX_RESOLVE_NO_MAGICLINKS = RESOLVE_NO_MAGICLINKS;

int clinux_pipe2(int ends[2], int flags) { return pipe2(ends, flags); }
int clinux_spawn_in(posix_spawn_file_actions_t *actions, const char *directory) {
    return posix_spawn_file_actions_addchdir_np(actions, directory);
}
int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

const int CLINUX_PATH = O_PATH;

dev_t clinux_makedev(unsigned major, unsigned minor) { return makedev(major, minor); }
unsigned clinux_major(dev_t device) { return major(device); }
unsigned clinux_minor(dev_t device) { return minor(device); }

int clinux_errno(void) { return errno; }
char **clinux_environ(void) { return environ; }
void clinux_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }
void clinux_line_buffer_stdout(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

int clinux_bind_loopback(int fd, uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind(fd, (struct sockaddr *)&address, sizeof address);
}

int clinux_connect(int fd, const char *text, uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, text, &address.sin_addr) != 1) {
        errno = EINVAL;
        return -1;
    }
    return connect(fd, (struct sockaddr *)&address, sizeof address);
}

int clinux_listen(int fd, const char *text, uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, text, &address.sin_addr) != 1) {
        errno = EINVAL;
        return -1;
    }
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == -1) return -1;
    return listen(fd, 128);
}

int clinux_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_CLOEXEC); }
int clinux_accept_nonblocking(int fd) {
    return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
