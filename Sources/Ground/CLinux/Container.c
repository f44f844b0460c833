#define _GNU_SOURCE
#include "CLinux.h"

#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <termios.h>

pid_t clinux_clone(uint64_t flags) {
    struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

int clinux_setgroups(int count, const gid_t *groups) {
    return (int)syscall(SYS_setgroups, count, groups);
}
int clinux_setresuid(uid_t uid) { return (int)syscall(SYS_setresuid, uid, uid, uid); }
int clinux_setresgid(gid_t gid) { return (int)syscall(SYS_setresgid, gid, gid, gid); }

int clinux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)},
    };
    return (int)syscall(SYS_capset, &header, data);
}

int clinux_capability_last(void) {
    int last = CAP_LAST_CAP;
    while (last > 0 && prctl(PR_CAPBSET_READ, last) < 0) last--;
    while (last < 62 && prctl(PR_CAPBSET_READ, last + 1) >= 0) last++;
    return last;
}

int clinux_setrlimit(int resource, const struct rlimit *limit) { return setrlimit(resource, limit); }

static int interface_call(unsigned long call, struct ifreq *request) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    int answer = ioctl(fd, call, request);
    int saved = errno;
    close(fd);
    errno = saved;
    return answer;
}

static int name_interface(struct ifreq *request, const char *name) {
    if (strlen(name) < IFNAMSIZ) {
        strcpy(request->ifr_name, name);
        return 0;
    }
    errno = ENODEV;
    return -1;
}

int clinux_interface_flags(const char *name, int *flags) {
    struct ifreq request = {0};
    if (name_interface(&request, name) < 0) return -1;
    if (interface_call(SIOCGIFFLAGS, &request) < 0) return -1;
    *flags = (unsigned short)request.ifr_flags;
    return 0;
}

int clinux_set_interface_flags(const char *name, int flags) {
    struct ifreq request = {.ifr_flags = (short)flags};
    if (name_interface(&request, name) < 0) return -1;
    return interface_call(SIOCSIFFLAGS, &request);
}

int clinux_cloexec_from(unsigned int first) {
    return (int)syscall(SYS_close_range, first, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
}

int clinux_close_from(unsigned int first) {
    return (int)syscall(SYS_close_range, first, ~0U, 0U);
}

int clinux_getcwd(char *buffer, unsigned long size) {
    return (int)syscall(SYS_getcwd, buffer, size);
}

int clinux_filter(const uint64_t *instructions, unsigned short count, unsigned int flags) {
    struct sock_fprog program = {.len = count, .filter = (struct sock_filter *)(void *)instructions};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

int clinux_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }
int clinux_seal(int fd) {
    return fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}
int clinux_is_sealed(int fd) {
    int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & F_SEAL_WRITE) && (seals & F_SEAL_SEAL);
}
int clinux_is_on_read_only_mount(int fd) {
    struct statvfs info;
    return fstatvfs(fd, &info) == 0 && (info.f_flag & ST_RDONLY);
}

// struct mount_attr and its flags, which linux/mount.h has, and which can't be included beside sys/mount.h.
struct mount_attributes {
    uint64_t set, clear, propagation, user_namespace;
};

int clinux_mount_attributes(int fd, int recursive, uint64_t set, uint64_t clear) {
    struct mount_attributes attributes = {.set = set, .clear = clear};
    int flags = AT_EMPTY_PATH | (recursive ? 0x8000 /* AT_RECURSIVE */ : 0);
    return (int)syscall(SYS_mount_setattr, fd, "", flags, &attributes, sizeof attributes);
}

int clinux_read_only_view(const char *path) {
    const unsigned flags = 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC;
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, flags);
    if (tree < 0) return -1;
    if (clinux_mount_attributes(tree, 0, 1 /* MOUNT_ATTR_RDONLY */, 0) == 0) return tree;
    int saved = errno;
    close(tree);
    errno = saved;
    return -1;
}

int clinux_exec_descriptor(int fd, char *const argv[], char *const envp[]) {
    return (int)syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
}

int clinux_new_session_keyring(const char *name) {
    return (int)syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, name);
}

int clinux_unlock_pty(int master, int *number) {
    int locked = 0;
    if (ioctl(master, TIOCSPTLCK, &locked) < 0) return -1;
    return ioctl(master, TIOCGPTN, number);
}
int clinux_take_terminal(int fd) { return ioctl(fd, TIOCSCTTY, 0); }
int clinux_set_window(int fd, unsigned short rows, unsigned short columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(fd, TIOCSWINSZ, &size);
}

int clinux_copy_window(int from, int to) {
    struct winsize size;
    if (ioctl(from, TIOCGWINSZ, &size) < 0) return -1;
    return ioctl(to, TIOCSWINSZ, &size);
}

int clinux_send_descriptor(int socket, int fd, const char *name) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec bytes = {.iov_base = (void *)name, .iov_len = strlen(name)};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof control.space};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int clinux_receive_descriptor(int socket) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char name[256];
    struct iovec bytes = {.iov_base = name, .iov_len = sizeof name};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof control.space};
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_type != SCM_RIGHTS) return -1;
    int fd;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

int clinux_listen_unix(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0) return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}
int clinux_accept_unix(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

int clinux_connect_unix(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int clinux_execve(const char *path, char *const argv[], char *const envp[]) {
    return execve(path, argv, envp);
}
void clinux_exit_now(int status) { _exit(status); }
int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
int clinux_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int clinux_attach_device_program(int cgroup, const uint64_t *instructions, uint32_t count) {
    union bpf_attr load = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                           .insns = (uint64_t)(uintptr_t)instructions,
                           .insn_cnt = count,
                           .license = (uint64_t)(uintptr_t) "GPL"};
    int program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
    if (program < 0) return -1;
    union bpf_attr attach = {.target_fd = (uint32_t)cgroup,
                             .attach_bpf_fd = (uint32_t)program,
                             .attach_type = BPF_CGROUP_DEVICE,
                             .attach_flags = BPF_F_ALLOW_MULTI};
    int answer = (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach);
    int saved = errno;
    close(program);
    errno = saved;
    return answer;
}
