#!/bin/bash
# kit.sh DIR KUBECTL: the kit's built programs and these checks on a second disk, DIR/kit.img.
set -euo pipefail
directory=$1
here=$(cd "$(dirname "$0")" && pwd -P)
tree=$(cd "$here/../.." && pwd -P)
kit=$directory/kit
kubectl=$2

rm -rf "$kit"
mkdir -p "$kit"/{bin,lib,tree/.build/release,tree/Sources/Cluster/.build/release}
for program in lab dock runtime overlay shim web ask cgroups; do
    strip -o "$kit/tree/.build/release/$program" "$tree/.build/release/$program"
done
for program in apiserver raft scheduler selectors rollout hpa jobs controllers kubelet dnat images pki; do
    strip -o "$kit/tree/Sources/Cluster/.build/release/$program" "$tree/Sources/Cluster/.build/release/$program"
done
# The runtime's own tests, where they are built: the test program finds the others beside itself.
tests=$tree/.build/debug/DrydockPackageTests.xctest
libraries="$tree/.build/release/lab $tree/Sources/Cluster/.build/release/kubelet $tree/Sources/Cluster/.build/release/raft"
if [ -x "$tests" ]; then
    mkdir "$kit/tests"
    for program in runtime namespaces cgroups part-01 part-02; do
        strip -o "$kit/tests/$program" "$tree/.build/debug/$program"
    done
    strip --strip-debug -o "$kit/tests/tests" "$tests"
    libraries+=" $tests"
fi
# Swift's own libraries come with the toolchain, not with Debian.
for program in $libraries; do
    ldd "$program" | awk '/\/swift\// { print $3 }'
done | sort -u | xargs cp -t "$kit/lib"
cp "$kubectl" "$kit/bin/kubectl"
cp -r "$here/inside/." "$kit/"

rm -f "$directory/kit.img"
mke2fs -qF -t ext4 -O ^has_journal -d "$kit" "$directory/kit.img" 1500M
rm -rf "$kit"
