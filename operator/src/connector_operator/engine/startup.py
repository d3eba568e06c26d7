"""What must be true before the operator starts: found out by asking, told in one sentence per missing thing."""

import asyncio
from collections.abc import Iterable, Sequence

from connector_operator.api.kinds import Kind
from connector_operator.cluster.permissions import PERMISSIONS, Permission
from connector_operator.cluster.port import KubeApi
from connector_operator.domain.objects import CUSTOM_KINDS, WATCHED_KINDS


async def watchable_kinds(api: KubeApi, namespaces: Sequence[str]) -> tuple[Kind, ...]:
    """The kinds to watch: all, or with Roles in some namespaces only, all but the cluster-wide ones that we may not list."""
    if not namespaces:
        return WATCHED_KINDS
    return tuple([kind for kind in WATCHED_KINDS if kind.namespaced or await _may_watch(api, kind)])


async def missing_parts(api: KubeApi, kinds: Sequence[Kind], namespaces: Sequence[str]) -> list[str]:
    """Sentences about what is missing of CustomResourceDefinitions and permissions; empty when all is there."""
    unserved = [kind for kind in CUSTOM_KINDS if kind in kinds and not await api.serves(kind)]
    if unserved:
        # permissions on kinds that are not there would be a second sentence about the same thing
        return [_not_served(kind) for kind in unserved]
    asked = list(_questions(kinds, namespaces))
    allowed = await asyncio.gather(*(_ask(api, *question) for question in asked))
    return [_not_allowed(*question) for question, yes in zip(asked, allowed, strict=True) if not yes]


async def missing_verbs(api: KubeApi, permission: Permission, namespace: str) -> list[str]:
    """Sentences about the verbs of one permission that are missing in one namespace."""
    allowed = await asyncio.gather(*(_ask(api, permission, verb, namespace) for verb in permission.verbs))
    return [_not_allowed(permission, verb, namespace) for verb, yes in zip(permission.verbs, allowed, strict=True) if not yes]


def _questions(kinds: Sequence[Kind], namespaces: Sequence[str]) -> Iterable[tuple[Permission, str, str]]:
    for permission in PERMISSIONS:
        if permission.kind in WATCHED_KINDS and permission.kind not in kinds:
            continue
        for namespace in namespaces if namespaces and permission.kind.namespaced else ("",):
            for verb in permission.verbs:
                yield permission, verb, namespace


async def _ask(api: KubeApi, permission: Permission, verb: str, namespace: str) -> bool:
    return await api.can_i(verb, permission.kind, subresource=permission.subresource, namespace=namespace)


async def _may_watch(api: KubeApi, kind: Kind) -> bool:
    return await api.can_i("list", kind) and await api.can_i("watch", kind)


def _not_served(kind: Kind) -> str:
    return f"the API server does not know {kind.kind} ({kind.api_version}): install the CustomResourceDefinitions in crds/"


def _not_allowed(permission: Permission, verb: str, namespace: str) -> str:
    group = permission.kind.group or '""'
    where = f"in namespace '{namespace}'" if namespace else "in the whole cluster"
    return f"cannot {verb} {permission.resource} (group {group}) {where}: grant that verb to the operator's service account"
