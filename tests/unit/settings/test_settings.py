"""What the environment says, and what is said about it when it cannot be used."""

from pathlib import Path

import pytest

from connector_operator.settings import Settings, SettingsError, from_environment, read_namespaces


def test_nothing_said_gives_the_defaults() -> None:
    assert from_environment({}) == Settings()


def test_every_variable_is_read() -> None:
    said = {
        "RUNTIME_IMAGE": "acme/runtime:1",
        "IMAGE_PULL_POLICY": "Never",
        "NAMESPACES": "a, b,",
        "IMAGE_VOLUMES": "Copy",
        "DEFAULT_POLICY": "deny",
        "ROLLOUT_INTERVAL": "30",
        "LEASE": "operators/connector-operator",
        "PORT": "9090",
        "KUBECONFIG": "/etc/kube",
        "LOG_LEVEL": "debug",
    }
    assert from_environment({f"CONNECTOR_OPERATOR_{name}": value for name, value in said.items()}) == Settings(
        runtime_image="acme/runtime:1",
        image_pull_policy="Never",
        namespaces=("a", "b"),
        copies_images=True,
        default_policy="deny",
        rollout_interval=30,
        lease=("operators", "connector-operator"),
        port=9090,
        kubeconfig=Path("/etc/kube"),
        log_level="DEBUG",
    )


@pytest.mark.parametrize(("text", "namespaces"), [("", ()), (" ", ()), ("a", ("a",)), (" a ,, b ", ("a", "b"))])
def test_namespaces_are_a_list_with_commas(text: str, namespaces: tuple[str, ...]) -> None:
    assert read_namespaces(text) == namespaces


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "0", "needs a port number from 1 to 65535 (got '0')"),
        ("PORT", "65536", "needs a port number from 1 to 65535 (got '65536')"),
        ("PORT", "-1", "needs a port number from 1 to 65535 (got '-1')"),
        ("PORT", "", "needs a port number from 1 to 65535 (got '')"),
        ("IMAGE_PULL_POLICY", "Sometimes", "needs Always, IfNotPresent or Never (got 'Sometimes')"),
        ("IMAGE_VOLUMES", "Maybe", "needs Mount or Copy (got 'Maybe')"),
        ("DEFAULT_POLICY", "ask", "needs allow or deny (got 'ask')"),
        ("LEASE", "connector-operator", "needs NAMESPACE/NAME (got 'connector-operator')"),
        ("ROLLOUT_INTERVAL", "5m", "needs whole seconds from 0 to 3600 (got '5m')"),
        ("LEASE", "/x", "needs NAMESPACE/NAME (got '/x')"),
        ("LOG_LEVEL", "loud", "needs DEBUG, INFO, WARNING or ERROR (got 'LOUD')"),
    ],
)
def test_a_variable_that_cannot_be_used_is_told_with_its_value_and_what_is_expected(name: str, value: str, expected: str) -> None:
    with pytest.raises(SettingsError) as refused:
        from_environment({f"CONNECTOR_OPERATOR_{name}": value})
    assert str(refused.value) == f"CONNECTOR_OPERATOR_{name}: {expected}"
