# A node with four pods on its bridge, and a client outside, in namespaces that end with this script:
#     unshare --mount --net --pid --fork --mount-proc sh sandbox.sh RULES WEB ASK
# RULES is a text for iptables-restore. What the commands below print is what the test reads.
set -e
rules=$1 web=$2 ask=$3
mount -t tmpfs tmpfs /run
mkdir /run/netns
echo 1 > /proc/sys/net/ipv4/ip_forward
ip link set lo up
ip link add cni0 type bridge
ip address add 10.244.1.1/24 dev cni0
ip link set cni0 up
# A pod's packet to a Service goes out where it came in: the kernel would tell the pod of a shorter way, by ICMP messages
# from the same ration as the refusals that are tested here.
for which in all default cni0; do echo 0 > /proc/sys/net/ipv4/conf/$which/send_redirects; done
for setting in /proc/sys/net/bridge/bridge-nf-call-iptables; do test -e $setting && echo 1 > $setting; done
for pod in 2 3 4 9; do
    ip netns add pod$pod
    ip link add veth$pod type veth peer name eth0 netns pod$pod
    ip link set veth$pod master cni0 up
    bridge link set dev veth$pod hairpin on
    ip -n pod$pod address add 10.244.1.$pod/24 dev eth0
    ip -n pod$pod link set eth0 up
    ip -n pod$pod link set lo up
    ip -n pod$pod route add default via 10.244.1.1
done
ip netns add outside
ip link add uplink type veth peer name eth0 netns outside
ip address add 10.88.0.11/24 dev uplink
ip link set uplink up
ip -n outside address add 10.88.0.1/24 dev eth0
ip -n outside link set eth0 up
ip -n outside link set lo up
ip -n outside route add 10.96.0.0/16 via 10.88.0.11
ip route add default via 10.88.0.1
for pod in 2 3 4; do
    HOSTNAME=pod$pod ip netns exec pod$pod $web --port 8080 2>/dev/null &
done
sleep 0.3
iptables-restore --noflush --wait 5 < $rules

# count WHO URL: asks 60 times over new connections and prints how often each answered.
count() {
    who=$1 url=$2
    if test $who = node; then enter=; else enter="ip netns exec $who"; fi
    $enter $ask --count 60 --rate 300 $url 2>&1
}
eval "$4"
iptables-save -c
