"""What every object of ours carries: labels, owner, and the hash by which a later reconcile knows it again."""

import hashlib

from connector_operator.api.kinds import API_VERSION
from connector_operator.domain.objects import CONNECTOR_LABEL, PART_LABEL, RUNTIME_LABEL, Manifest
from connector_operator.domain.observed import HASH_ANNOTATION
from connector_operator.domain.plan import canonical
from connector_operator.domain.resolve import ResolvedRuntime

MANAGED_BY = "connector-operator"


def stamp(manifest: Manifest, resolved: ResolvedRuntime, *, part: str, connector: str = "") -> Manifest:
    """Return the manifest with namespace, labels, owner reference and the hash of all of it."""
    metadata = manifest["metadata"]
    stamped: Manifest = manifest | {
        "metadata": metadata
        | {
            "namespace": resolved.namespace,
            "labels": metadata.get("labels", {}) | labels(resolved, part=part, connector=connector),
            "ownerReferences": [_owner(resolved)],
        }
    }
    digest = hashlib.sha256(canonical(stamped).encode()).hexdigest()[:16]
    stamped["metadata"]["annotations"] = metadata.get("annotations", {}) | {HASH_ANNOTATION: digest}
    return stamped


def labels(resolved: ResolvedRuntime, *, part: str, connector: str = "") -> dict[str, str]:
    """The labels of one part of a runtime; the recommended ones and our own."""
    return {
        "app.kubernetes.io/name": "connector-runtime",
        "app.kubernetes.io/instance": resolved.name,
        "app.kubernetes.io/managed-by": MANAGED_BY,
        **selector(resolved, part=part, connector=connector),
    }


def selector(resolved: ResolvedRuntime, *, part: str, connector: str = "") -> dict[str, str]:
    """The labels that tell our objects apart; never changed, since a Deployment's selector cannot be.

    `connector`: of the worker that is for this one alone.
    """
    own = {PART_LABEL: part, RUNTIME_LABEL: resolved.name}
    return own | ({CONNECTOR_LABEL: connector} if connector else {})


def _owner(resolved: ResolvedRuntime) -> dict[str, object]:
    return {
        "apiVersion": API_VERSION,
        "kind": "ConnectorRuntime",
        "name": resolved.name,
        "uid": resolved.uid,
        "controller": True,
        "blockOwnerDeletion": False,  # true would need rights on the finalizers of the runtime
    }
