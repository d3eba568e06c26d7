"""ConnectorPolicies at admission: ValidatingAdmissionPolicies, the twin of `domain.policy` in CEL.

Each ConnectorPolicy is one parameter, evaluated on its own, and all must allow: the intersection that reconcile computes. They
run in the API server itself, so there is no webhook to keep alive. One pair denies what enforced policies refuse, the other
warns of what auditing ones would. What only the operator knows (its default image) is left to reconcile.
Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connector_operator.api.kinds import API_VERSION, CONNECTOR, CONNECTOR_RUNTIME, GROUP, VERSION, Kind

Manifest = dict[str, Any]

NEW_SPEC = "request.operation == 'CREATE' || object.spec != oldObject.spec"
"""An update that leaves the spec alone passes: what was accepted before can still be labelled and deleted."""

_LABELS = "has(namespaceObject.metadata.labels) ? namespaceObject.metadata.labels : {}"
_SELECTOR = "params.spec.namespaceSelector"
_MATCH_LABELS = (
    f"!has({_SELECTOR}.matchLabels) || {_SELECTOR}.matchLabels.all(key, "
    f"key in variables.labels && variables.labels[key] == {_SELECTOR}.matchLabels[key])"
)
_MATCH_EXPRESSIONS = (
    f"!has({_SELECTOR}.matchExpressions) || {_SELECTOR}.matchExpressions.all(e, "
    "e.operator == 'Exists' ? e.key in variables.labels : "
    "e.operator == 'DoesNotExist' ? !(e.key in variables.labels) : "
    "e.operator == 'In' ? e.key in variables.labels && has(e.values) && variables.labels[e.key] in e.values : "
    "!(e.key in variables.labels) || !has(e.values) || !(variables.labels[e.key] in e.values))"
)
_SELECTED = f"!has({_SELECTOR}) || (({_MATCH_LABELS}) && ({_MATCH_EXPRESSIONS}))"


def _globs(globs: str, text: str) -> str:
    """CEL for "one of the anchored globs matches the text"; the CRD's pattern keeps other regular expression signs out."""
    regex = "'^' + glob.replace('.', '[.]').replace('?', '.').replace('*', '.*') + '$'"
    return f"{globs}.exists(glob, {text}.matches({regex}))"


_PACKAGE_NAME = "requirement.split('==')[0]"
_PACKAGE = (
    "object.spec.source.package.requirements.all(requirement, "
    f"{_globs('entry.sources.package.requirements', _PACKAGE_NAME)}) && "
    "(!has(entry.sources.package.indexUrls) || has(object.spec.source.package.indexUrl) && "
    f"{_globs('entry.sources.package.indexUrls', 'object.spec.source.package.indexUrl')})"
)
_SOURCE = (
    "has(object.spec.source.builtin) ? "
    f"has(entry.sources.builtin) && {_globs('entry.sources.builtin', 'object.spec.source.builtin')} : "
    "has(object.spec.source.configMap) ? has(entry.sources.configMap) : "
    f"has(object.spec.source.package) ? has(entry.sources.package) && ({_PACKAGE}) : "
    "has(object.spec.source.image) && has(entry.sources.image) && "
    f"{_globs('entry.sources.image.references', 'object.spec.source.image.reference')} && "
    "(!has(entry.sources.image.requireDigest) || !entry.sources.image.requireDigest || "
    "object.spec.source.image.reference.contains('@sha256:'))"
)
_JOB_TYPE = (
    f"has(params.spec.connectors) && params.spec.connectors.exists(entry, {_globs('entry.jobTypes', 'object.spec.jobType')})"
)
_CONNECTOR = (
    "has(params.spec.connectors) && params.spec.connectors.exists(entry, "
    f"{_globs('entry.jobTypes', 'object.spec.jobType')} && ({_SOURCE}))"
)
_RUNTIMES = "!has(params.spec.runtimes) || "
_PATCHED_POD = "dyn(object.spec.podTemplate).spec"
"""The patch is free-form: its members have no types that CEL could check beforehand."""
_PATCHED_IMAGES = " && ".join(
    f"(!has({_PATCHED_POD}.{field}) || {_PATCHED_POD}.{field}.all(c, "
    f"!has(c.image) || {_globs('params.spec.runtimes.images', 'c.image')}))"
    for field in ("containers", "initContainers", "ephemeralContainers")
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a ConnectorPolicy must allow, and what a person is told when it does not."""

    expression: str
    message: str
    """CEL that makes the sentence after the policy's name."""


CONNECTOR_RULES = (
    Rule(_JOB_TYPE, "'allows no job type \\'' + object.spec.jobType + '\\''"),
    Rule(
        f"!({_JOB_TYPE}) || {_CONNECTOR}",
        "'allows job type \\'' + object.spec.jobType + '\\', but not from this source'",
    ),
)
RUNTIME_RULES = (
    Rule(
        f"{_RUNTIMES}!has(params.spec.runtimes.images) || "
        f"((!has(object.spec.image) || {_globs('params.spec.runtimes.images', 'object.spec.image')}) && "
        f"(!has(object.spec.podTemplate) || !has({_PATCHED_POD}) || ({_PATCHED_IMAGES})))",
        "'does not allow this image: it allows ' + params.spec.runtimes.images.join(', ')",
    ),
    Rule(
        f"{_RUNTIMES}!has(params.spec.runtimes.maxReplicas) || !has(object.spec.replicas) || "
        "object.spec.replicas <= params.spec.runtimes.maxReplicas",
        "'allows at most ' + string(params.spec.runtimes.maxReplicas) + ' in spec.replicas'",
    ),
    Rule(
        f"{_RUNTIMES}!has(params.spec.runtimes.podTemplate) || params.spec.runtimes.podTemplate == 'Allowed' || "
        "!has(object.spec.podTemplate) || dyn(object.spec.podTemplate) == {}",
        "'allows no spec.podTemplate'",
    ),
)


def admission_policies() -> list[Manifest]:
    """The policies and their bindings: enforced ones deny, auditing ones warn."""
    return [
        manifest
        for enforcement, actions in (("Enforce", ["Deny"]), ("Audit", ["Warn", "Audit"]))
        for kind, rules in ((CONNECTOR, CONNECTOR_RULES), (CONNECTOR_RUNTIME, RUNTIME_RULES))
        for manifest in _pair(kind, rules, enforcement, actions)
    ]


def _pair(kind: Kind, rules: Sequence[Rule], enforcement: str, actions: list[str]) -> list[Manifest]:
    name = f"{kind.plural}-{enforcement.lower()}.{GROUP}"
    policy: Manifest = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "paramKind": {"apiVersion": API_VERSION, "kind": "ConnectorPolicy"},
            "matchConstraints": {"resourceRules": [_resource_rule(kind)]},
            "matchConditions": [{"name": "the-spec-is-new", "expression": NEW_SPEC}],
            "variables": [
                {"name": "labels", "expression": _LABELS},
                {"name": "applies", "expression": f"params.spec.enforcement == '{enforcement}' && ({_SELECTED})"},
            ],
            "validations": [_validation(rule) for rule in rules],
        },
    }
    binding: Manifest = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {
            "policyName": name,
            "validationActions": actions,
            "paramRef": {"selector": {}, "parameterNotFoundAction": "Allow"},
        },
    }
    return [policy, binding]


def _resource_rule(kind: Kind) -> Manifest:
    return {"apiGroups": [GROUP], "apiVersions": [VERSION], "operations": ["CREATE", "UPDATE"], "resources": [kind.plural]}


def _validation(rule: Rule) -> Manifest:
    return {
        "expression": f"!variables.applies || ({rule.expression})",
        "messageExpression": f"'ConnectorPolicy \\'' + params.metadata.name + '\\' ' + {rule.message}",
        "reason": "Forbidden",
    }
