#!/bin/bash
directory=$1
nice timeout --foreground "${SECONDS_MAX:-1500}" qemu-system-x86_64 -M q35 -accel "${ACCEL:-tcg,thread=multi,tb-size=512}" -cpu ${CPU:-max} -smp 2 -m 3072 -nodefaults -no-reboot -nographic \
    -kernel "$directory/vmlinuz" -initrd "$directory/initrd" \
    -append "root=/dev/vda rw console=ttyS0 quiet systemd.show_status=no mitigations=off nokaslr panic=-1 tsc=reliable random.trust_cpu=on" \
    -drive "file=$directory/debian.img,format=raw,if=virtio,snapshot=on,cache=unsafe" \
    -drive "file=$directory/kit.img,format=raw,if=virtio,snapshot=on,cache=unsafe" \
    -device virtio-rng-pci -serial stdio -monitor none </dev/null
