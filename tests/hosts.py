"""Machines to launch ranks on, made of one: network namespaces on a bridge, each with a host name, a
temporary folder and shared memory of its own, and an agent that starts commands on them as ssh would:
nobody's environment comes along."""

import os
import shutil
import subprocess

SUBNET = "10.77.0"

AGENT = """#!/bin/bash
# AGENT [OPTION...] HOST COMMAND...
while [[ $1 == -* ]]; do shift; done
host=$1
shift
if [[ $(ip -n "{prefix}switch" link show "$host") != *"state UP"* ]]; then
  echo "connect to host $host: No route to host" >&2
  exit 255
fi
exec unshare --uts --ipc --mount bash -c '
  host=$1
  shift
  hostname "$host"
  mount --make-rprivate /
  mount -t tmpfs tmpfs /dev/shm
  mount --bind "{folder}/hosts" /etc/hosts
  mkdir -p "{folder}/$host"
  exec ip netns exec "{prefix}$host" env -i PATH="$PATH" HOME="$HOME" TMPDIR="{folder}/$host" \
    bash -c "$*"' agent "$host" "$@"
"""


def quietly(*command):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def why_not():
    """Why there can be none here; nothing if there can."""
    for tool in ("ip", "unshare"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    name = f"impasto-{os.getpid()}-trial"
    try:
        if not quietly("ip", "netns", "add", name) or not quietly("unshare", "--uts", "--mount",
                                                                  "true"):
            return "network namespaces need root"
        if not quietly("ip", "-n", name, "link", "add", "name", "lan", "type", "bridge"):
            return "the kernel has no bridges"
    finally:
        quietly("ip", "netns", "del", name)
    return None


class Hosts:
    """h1 to hN; `folder` is theirs. They are gone after close()."""

    def __init__(self, folder, count):
        self.prefix = f"impasto-{os.getpid()}-"
        self.names = [f"h{i + 1}" for i in range(count)]
        folder.mkdir(parents=True)
        self.agent = folder / "agent"
        self.agent.write_text(AGENT.format(folder=folder, prefix=self.prefix))
        self.agent.chmod(0o755)
        (folder / "hosts").write_text("127.0.0.1 localhost\n" + "".join(
            f"{SUBNET}.{i + 1} {name}\n" for i, name in enumerate(self.names)))
        self.ip("netns", "add", self.prefix + "switch")
        self.ip("-n", self.prefix + "switch", "link", "add", "name", "lan", "type", "bridge")
        self.ip("-n", self.prefix + "switch", "link", "set", "lan", "up")
        for i, name in enumerate(self.names):
            space = self.prefix + name
            self.ip("netns", "add", space)
            self.ip("link", "add", "net", "netns", space, "type", "veth", "peer", "name", name,
                    "netns", self.prefix + "switch")
            self.ip("-n", self.prefix + "switch", "link", "set", name, "master", "lan", "up")
            self.ip("-n", space, "addr", "add", f"{SUBNET}.{i + 1}/24", "dev", "net")
            self.ip("-n", space, "link", "set", "net", "up")
            self.ip("-n", space, "link", "set", "lo", "up")

    @staticmethod
    def ip(*words):
        subprocess.run(["ip", *words], check=True)

    def cut(self, host, cut=True):
        """Takes a host off the network, as when its cable is pulled; what runs on it runs on."""
        self.ip("-n", self.prefix + "switch", "link", "set", host, "down" if cut else "up")

    def processes(self, host):
        told = subprocess.run(["ip", "netns", "pids", self.prefix + host], capture_output=True,
                              text=True, check=False)
        return [int(word) for word in told.stdout.split()]

    def close(self):
        for host in self.names:
            for process in self.processes(host):
                quietly("kill", "-9", str(process))
        for name in (*self.names, "switch"):
            quietly("ip", "netns", "del", self.prefix + name)
