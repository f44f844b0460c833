#!/bin/bash
# debian.sh DIR: Debian 12 as it comes, with systemd and cgroup v2 alone, on a disk for a virtual machine.
#
# Makes DIR/debian.img, DIR/vmlinuz and DIR/initrd from Debian's packages. Takes root, debootstrap and mke2fs.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

directory=$1
trap 'tail -n 20 "$directory/debootstrap.log"; echo "failed  making a disk with Debian on it, at line $LINENO"' ERR
root=$directory/debian
# What `lab up` asks for, what a login brings with it, and the peers that the kit's runtime is compared with.
packages=systemd-sysv,dbus,libpam-systemd,udev,kmod,linux-image-amd64,iproute2,iptables,busybox-static,util-linux
packages+=,libsqlite3-dev,libc6-dev,libcap-dev,libseccomp-dev,procps,libstdc++6,zlib1g,runc,crun,etcd-server

[ -d "$root/boot" ] || debootstrap --variant=minbase --include="$packages" bookworm "$root" >"$directory/debootstrap.log"

# An initrd with the drivers of this one machine: the full one takes an emulated processor half a minute to unpack.
printf 'virtio_pci\nvirtio_blk\next4\n' >"$root/etc/initramfs-tools/modules"
echo 'MODULES=list' >"$root/etc/initramfs-tools/conf.d/drydock"
rm -f "$root"/boot/initrd.img-*
chroot "$root" update-initramfs -c -k "$(ls "$root/lib/modules")" >>"$directory/debootstrap.log" 2>&1
cp "$root"/boot/vmlinuz-* "$directory/vmlinuz"
cp "$root"/boot/initrd.img-* "$directory/initrd"

# Root is logged in on the console, by PAM and logind, so that what runs there is in a session's cgroup.
echo drydock-vm >"$root/etc/hostname"
: >"$root/etc/fstab"
mkdir -p "$root/kit" "$root/etc/systemd/system/serial-getty@ttyS0.service.d" "$root/etc/systemd/system.conf.d"
# An emulated processor on a busy machine may take minutes to find its own console.
printf '[Manager]\nDefaultTimeoutStartSec=10min\nDefaultDeviceTimeoutSec=10min\n' \
    >"$root/etc/systemd/system.conf.d/patience.conf"
cat >"$root/etc/systemd/system/serial-getty@ttyS0.service.d/login.conf" <<'X'
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --noissue --skip-login --nohints %I vt100
X
touch "$root/root/.hushlogin"
echo 'mount -o ro /dev/vdb /kit && . /kit/login' >"$root/root/.profile"
# Nothing that runs by itself, to leave an emulated processor to what is tested.
for unit in etcd.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale}

rm -f "$directory/debian.img"
mke2fs -qF -t ext4 -O ^has_journal -d "$root" "$directory/debian.img" 4G
