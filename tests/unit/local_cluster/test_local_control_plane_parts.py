import base64
import json
import subprocess
from pathlib import Path

import pytest

from local_cluster.binaries import choose_binaries
from local_cluster.cache import Cache
from local_cluster.certificates import CertificateAuthority, CertificateRequest
from local_cluster.components import Endpoints, apiserver_arguments, certificate_requests
from local_cluster.errors import LocalClusterError
from local_cluster.go_programs import KUBERNETES
from local_cluster.kubeconfigs import kubeconfig_text
from local_cluster.launcher import ProcessRecord
from local_cluster.throwaway import make_throwaway


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    made = CertificateAuthority(tmp_path_factory.mktemp("certificates"))
    made.create()
    made.issue(certificate_requests(Endpoints("127.0.0.1", 6443, 2379, 2380)))
    return made


def openssl(*arguments: str) -> str:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout


def test_every_certificate_is_good_for_its_use(authority: CertificateAuthority) -> None:
    for request in certificate_requests(Endpoints("127.0.0.1", 6443, 2379, 2380)):
        purpose = {"serverAuth": "sslserver", "clientAuth": "sslclient"}[request.usage]
        certificate = authority.certificate(request.name)
        answer = openssl("verify", "-CAfile", str(authority.certificate("ca")), "-purpose", purpose, str(certificate))
        assert answer.strip() == f"{certificate}: OK"


def test_the_server_certificate_names_every_way_to_the_api_server(authority: CertificateAuthority) -> None:
    text = openssl("x509", "-in", str(authority.certificate("apiserver-127.0.0.1")), "-noout", "-ext", "subjectAltName")
    for name in ("DNS:localhost", "DNS:kubernetes", "DNS:kubernetes.default.svc", "IP Address:127.0.0.1", "IP Address:10.96.0.1"):
        assert name in text


def test_a_certificate_is_issued_once(authority: CertificateAuthority) -> None:
    before = authority.certificate("admin").read_bytes()
    authority.create()
    authority.issue((CertificateRequest("admin", "/CN=somebody else"),))
    assert authority.certificate("admin").read_bytes() == before


def test_private_keys_are_only_for_their_owner(authority: CertificateAuthority) -> None:
    assert {file.stat().st_mode & 0o077 for file in authority.directory.glob("*.key")} == {0}


def test_a_certificate_that_openssl_refuses_is_reported(authority: CertificateAuthority) -> None:
    with pytest.raises(LocalClusterError, match="cannot make a certificate with `openssl req`"):
        authority.issue((CertificateRequest("bad", "no subject"),))
    assert not authority.certificate("bad").exists()


def test_a_kubeconfig_carries_all_that_a_client_needs(authority: CertificateAuthority) -> None:
    config = json.loads(kubeconfig_text("https://127.0.0.1:6443", authority, "admin"))
    user = config["users"][0]["user"]
    assert base64.b64decode(user["client-certificate-data"]) == authority.certificate("admin").read_bytes()
    assert base64.b64decode(user["client-key-data"]) == authority.key("admin").read_bytes()
    assert config["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"


@pytest.mark.parametrize(
    ("host", "flag"), [("127.0.0.1", "--endpoint-reconciler-type=none"), ("172.30.255.1", "--advertise-address=172.30.255.1")]
)
def test_the_api_server_is_never_advertised_to_pods_on_loopback(authority: CertificateAuthority, host: str, flag: str) -> None:
    arguments = apiserver_arguments(Endpoints(host, 6443, 2379, 2380), authority)
    announcing = [text for text in arguments if text.startswith(("--endpoint-reconciler", "--advertise"))]
    assert announcing == [flag]


def programs(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch(mode=0o755)
    return folder


def test_the_assets_that_a_person_names_come_before_those_we_built(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    programs(cache.entry(KUBERNETES.entry()), "etcd", "kube-apiserver")
    assets = programs(tmp_path / "assets", "etcd", "kube-apiserver")
    chosen = choose_binaries({"KUBEBUILDER_ASSETS": str(assets)}, cache)
    assert chosen.path("etcd") == str(assets / "etcd")
    assert "KUBEBUILDER_ASSETS" in chosen.origin


def test_without_assets_those_we_built_are_chosen(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    built = programs(cache.entry(KUBERNETES.entry()), "etcd", "kube-apiserver")
    assert choose_binaries({}, cache).path("etcd") == str(built / "etcd")


def test_assets_without_an_api_server_are_refused_by_name(tmp_path: Path) -> None:
    assets = programs(tmp_path / "assets", "etcd")
    with pytest.raises(LocalClusterError, match='cannot find "kube-apiserver"'):
        choose_binaries({"KUBEBUILDER_ASSETS": str(assets)}, Cache(tmp_path))


def test_without_any_programs_the_error_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(LocalClusterError, match="python -m local_cluster build"):
        choose_binaries({}, Cache(tmp_path))


def test_a_throwaway_folder_goes_when_its_owner_is_gone_and_not_before(tmp_path: Path) -> None:
    mine = make_throwaway("test", tmp_path)
    abandoned = make_throwaway("test", tmp_path)
    other_purpose = make_throwaway("other", tmp_path)
    owner = ProcessRecord.read(abandoned / "owner.json")
    assert owner
    gone = ProcessRecord(owner.pid, owner.start_time + 1, owner.boot_id, owner.argv)
    for folder in (abandoned, other_purpose):
        gone.write(folder / "owner.json")
    new = make_throwaway("test", tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([mine, other_purpose, new])
