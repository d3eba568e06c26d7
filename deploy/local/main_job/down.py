"""`make demo-down`: nothing of the demo is left, neither on this machine nor in a cluster that is somebody else's."""

from local_cluster.progress import say
from main_job import target as targets
from main_job.install import uninstall
from main_job.stage import clear


def down() -> None:
    """Undo `demo`; our own local cluster goes as a whole, from somebody else's only what we brought goes."""
    if targets.is_theirs():
        kubectl = targets.current_kubectl()
        say("taking the samples, the operator and its definitions out of the cluster of KUBECONFIG")
        clear(kubectl)
        uninstall(kubectl)
        kubectl.delete("namespace", "camunda")
    targets.down()
