// Mounts as descriptors: cloned, changed and attached, before anybody can see them by a path.
#ifndef CLINUX_MOUNT_TREE_H
#define CLINUX_MOUNT_TREE_H

// open_tree(2): a detached copy of what is mounted at `path`, with all that is mounted below it.
int clinux_clone_tree(const char *path);
// mount_setattr(2): ids on disk are seen as the user namespace maps them (mount_setattr(2), "ID-mapped mounts").
int clinux_map_tree(int tree, int user_namespace);
// The whole tree read-only.
int clinux_lock_tree(int tree);
// move_mount(2).
int clinux_attach_tree(int tree, const char *target);

#endif
