"""Events through the gateway: as they come, from whichever replica is there, none left out when one dies."""

import json
import signal
import subprocess

from running_ca import wait_until

HOMES = ("dashboard-api-1", "dashboard-api-2")


class Follower:
    def __init__(self, cluster, token, last=None):
        self.output = cluster.directory / f"followed-{last or 'first'}"
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(["curl", "-sS", "-N", "--cacert", cluster.roots, "-H", f"Authorization: Bearer {token}",
                                             "-H", "Accept: text/event-stream", *(["-H", f"Last-Event-ID: {last}"] if last else []),
                                             f"https://localhost:{cluster.https}/v1/events"], stdout=output, stderr=subprocess.DEVNULL)

    def text(self):
        return self.output.read_text(encoding="utf-8")

    def lines(self, field):
        whole = self.text().rpartition("\n\n")[0]
        return [line.split(": ", 1)[1] for line in whole.splitlines() if line.startswith(field + ": ")]

    def told(self):
        """[(position, serial)] of what was issued."""
        events = [json.loads(data) for data in self.lines("data")]
        return [(event["position"], event["data"]["serial"]) for event in events if event["type"] == "certificate.issued"]


def test_a_follower_loses_nothing_when_his_replica_dies(cluster):
    token = json.loads(cluster.cli("token", "create", "follower", "--role", "auditor", "-o", "json").stdout)["token"]
    followers = [Follower(cluster, token)]
    wait_until(lambda: followers[0].lines("id"), what="the beginning")
    begun = int(followers[0].lines("id")[0].split(".")[1])
    issued = [cluster.issue(f"before-{i}.internal").json["serial"] for i in range(5)]
    wait_until(lambda: [serial for _, serial in followers[0].told()] == issued, what="what happens, through the gateway")

    # Whichever he is at.
    for home in HOMES:
        cluster.kill(home, signal.SIGKILL)
        if home == HOMES[0]:
            cluster.start(home)
            wait_until(lambda: cluster.is_ready("dashboard-api", 1), within=60, what="the replica that was started again")
    assert followers[0].process.wait(timeout=60) != 0, "cut off"
    issued += [cluster.issue(f"meanwhile-{i}.internal").json["serial"] for i in range(5)]
    followers.append(Follower(cluster, token, followers[0].lines("id")[-1]))
    wait_until(lambda: [serial for one in followers for _, serial in one.told()] == issued, within=60, what="the rest, from the other replica")
    cluster.start(HOMES[1])
    followers[1].process.terminate()
    followers[1].process.wait()
    offsets = [int(json.loads(data)["position"].split(".")[1]) for one in followers for data in one.lines("data")]
    assert offsets == list(range(begun + 1, begun + 1 + len(offsets))), "every event, once, in order"
