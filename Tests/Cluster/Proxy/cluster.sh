# An API server over a real etcd, and `dnat proxy` beside it, in namespaces that end with this script:
#     unshare --mount --net --pid --fork --kill-child --mount-proc sh cluster.sh PROGRAMS STATE COMMANDS
set -e
programs=$1 state=$2
mount -t tmpfs tmpfs /run
ip link set lo up
ip address add 10.88.0.1/24 dev lo
$programs/pki init --dir $state/pki >/dev/null 2>&1
etcd --data-dir $state/etcd --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 >$state/etcd.log 2>&1 &
sleep 1
$programs/apiserver --store http://127.0.0.1:2379 --pki $state/pki --listen 10.88.0.1:6443 >$state/apiserver.log 2>&1 &
sed 's/127.0.0.1:6443/10.88.0.1:6443/' $state/pki/admin.kubeconfig >$state/admin.kubeconfig
export KUBECONFIG=$state/admin.kubeconfig
tries=0
until kubectl get services >/dev/null 2>&1; do
    tries=$((tries + 1))
    test $tries -lt 100
    sleep 0.1
done
$programs/dnat proxy --kubeconfig $state/pki/kube-proxy.kubeconfig --node-name node-1 --pod-cidr 10.244.0.0/16 \
    >$state/proxy.log 2>&1 &
proxy=$!

# rules N: waits until the kernel has N rules, and prints how many it has.
rules() {
    tries=0
    until test $(iptables-save | grep -c -- '^-A') -eq $1 || test $tries -gt 50; do
        tries=$((tries + 1))
        sleep 0.1
    done
    iptables-save | grep -c -- '^-A'
}
eval "$3"
kill $proxy
wait $proxy || true
