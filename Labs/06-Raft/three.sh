#!/bin/sh
# A store of three real processes, by hand. It lives in ./store; `down` ends it and leaves nothing.
#   three.sh up                 start three members (with your rules where DRYDOCK_PART_06 names your part)
#   three.sh leader             who leads, as the members that answer say
#   three.sh signal STOP N      send member N a signal: STOP, CONT, KILL
#   three.sh start N            start member N again
#   three.sh ctl N|all …        etcdctl, through member N or through any
#   three.sh down
root=$(cd "$(dirname "$0")/../.." && pwd -P) || exit 1
raft=$root/Sources/Cluster/.build/release/raft
clients=127.0.0.1:2479; peers=127.0.0.1:2480
url() { echo "$clients$1"; }
cluster="1=${peers}1=http://$(url 1),2=${peers}2=http://$(url 2),3=${peers}3=http://$(url 3)"

start() {
    "$raft" serve --id "$1" --data "store/$1" --client "$(url "$1")" --peer "$peers$1" \
        --cluster "$cluster" >>"store/$1.log" 2>&1 </dev/null &
    echo $! >"store/$1.pid"
}
status() { timeout 3 "$raft" status --endpoints "$(url 1),$(url 2),$(url 3)"; }
leader() {
    for try in 1 2 3 4 5 6 7 8 9 10; do
        found=$(status | sed -n 's/.*member \([0-9]*\),.*leads$/\1/p' | tail -1)
        [ -n "$found" ] && echo "$found" && return
        sleep 0.3
    done
    echo "nobody leads" >&2
    return 1
}

[ -x "$raft" ] || { echo "the store's program is not built yet: run \`lab up\` once, then \`lab down\`" >&2; exit 1; }
command -v etcdctl >/dev/null || { echo "no etcdctl on the PATH: apt-get install etcd-client" >&2; exit 1; }
case $1 in
up)
    mkdir -p store
    for id in 1 2 3; do start $id; done
    echo "three members, $(leader) leads" ;;
leader) leader ;;
signal) kill "-$2" "$(cat "store/$3.pid")" ;;
start) start "$2" ;;
ctl)
    case $2 in all) at=$(url 1),$(url 2),$(url 3) ;; *) at=$(url "$2") ;; esac
    shift 2
    ETCDCTL_API=3 exec etcdctl --command-timeout=3s --endpoints "$at" "$@" ;;
down)
    for id in 1 2 3; do kill -KILL "$(cat store/$id.pid)" 2>/dev/null; done
    rm -rf store ;;
*) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
