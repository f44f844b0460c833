#define _GNU_SOURCE
#include "MountTree.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// Numbers and layouts are the kernel's ABI (linux/mount.h); Debian 12's headers and glibc's disagree about who declares them.
#define DRYDOCK_CLONE 1
#define DRYDOCK_RECURSIVE 0x8000
#define DRYDOCK_EMPTY_PATH 0x1000
#define DRYDOCK_READ_ONLY 0x1
#define DRYDOCK_ID_MAP 0x00100000
#define DRYDOCK_MOVE_EMPTY_PATH 0x4

#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

struct attributes {
    uint64_t set, clear, propagation, user_namespace;
};

static int change(int tree, struct attributes *wanted) {
    return syscall(SYS_mount_setattr, tree, "", DRYDOCK_EMPTY_PATH | DRYDOCK_RECURSIVE, wanted, sizeof *wanted);
}

int clinux_clone_tree(const char *path) {
    return syscall(SYS_open_tree, AT_FDCWD, path, DRYDOCK_CLONE | O_CLOEXEC | DRYDOCK_RECURSIVE);
}

int clinux_map_tree(int tree, int user_namespace) {
    struct attributes wanted = {.set = DRYDOCK_ID_MAP, .user_namespace = user_namespace};
    return change(tree, &wanted);
}

int clinux_lock_tree(int tree) {
    struct attributes wanted = {.set = DRYDOCK_READ_ONLY};
    return change(tree, &wanted);
}

int clinux_attach_tree(int tree, const char *target) {
    return syscall(SYS_move_mount, tree, "", AT_FDCWD, target, DRYDOCK_MOVE_EMPTY_PATH);
}
