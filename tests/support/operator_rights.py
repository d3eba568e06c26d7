"""Rights for an operator's ServiceAccount, from the manifests in deploy/base and from the operator's own list."""

from collections.abc import Iterable
from typing import Any

import yaml
from cluster_hands import ROOT, Hands

from connector_operator.cluster.permissions import PERMISSIONS, Permission

_RBAC = "rbac.authorization.k8s.io"


def base_rules(file: str) -> list[dict[str, Any]]:
    """The rules of the first role in a file of deploy/base."""
    documents = yaml.safe_load_all((ROOT / "deploy" / "base" / file).read_text(encoding="utf-8"))
    return next(document["rules"] for document in documents if "rules" in document)


def namespaced_rules(permissions: Iterable[Permission] = PERMISSIONS) -> list[dict[str, Any]]:
    """What an operator needs in each namespace when nothing cluster-wide is granted."""
    return [
        {"apiGroups": [permission.kind.group], "resources": [permission.resource], "verbs": list(permission.verbs)}
        for permission in permissions
        if permission.kind.namespaced
    ]


def grant_role(hands: Hands, name: str, rules: list[dict[str, Any]], *, account: str, of: str = "") -> None:
    """A Role in the namespace of `hands` for a ServiceAccount of it, or of another namespace; it goes with the namespace."""
    subject = {"kind": "ServiceAccount", "name": account, "namespace": of or hands.namespace}
    hands.put({"apiVersion": f"{_RBAC}/v1", "kind": "Role", "metadata": {"name": name}, "rules": rules})
    hands.put(
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": name},
            "subjects": [subject],
        }
    )
