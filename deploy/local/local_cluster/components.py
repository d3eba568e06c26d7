"""The command lines of the control plane's components."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cluster.certificates import CertificateAuthority, CertificateRequest

SERVICE_NETWORK: Final = "10.96.0.0/16"
API_SERVICE_ADDRESS: Final = "10.96.0.1"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the control plane listens; etcd on loopback only."""

    host: str
    api: int
    etcd_client: int
    etcd_peer: int

    @property
    def server(self) -> str:
        """The API server's URL."""
        return f"https://{self.host}:{self.api}"

    @property
    def etcd(self) -> str:
        """Where etcd serves its clients."""
        return f"http://127.0.0.1:{self.etcd_client}"


def certificate_requests(endpoints: Endpoints) -> tuple[CertificateRequest, ...]:
    """What the control plane and its first user need; `admin` may do everything."""
    service = "kubernetes.default.svc.cluster.local"
    dns_names = ["localhost", *(service.rsplit(".", cut)[0] for cut in (4, 3, 2)), service]
    addresses = sorted({"127.0.0.1", API_SERVICE_ADDRESS, endpoints.host})
    return (
        CertificateRequest(
            f"apiserver-{endpoints.host}",
            "/CN=kube-apiserver",
            "serverAuth",
            (*(f"DNS:{name}" for name in dns_names), *(f"IP:{address}" for address in addresses)),
        ),
        CertificateRequest("apiserver-kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client"),
        CertificateRequest("front-proxy", "/CN=front-proxy-client"),
        CertificateRequest("admin", "/O=system:masters/CN=admin"),
        CertificateRequest("controller-manager", "/CN=system:kube-controller-manager"),
        CertificateRequest("scheduler", "/CN=system:kube-scheduler"),
    )


def etcd_arguments(endpoints: Endpoints, directory: Path) -> list[str]:
    """etcd without fsync: what it holds is worth no more than this machine's uptime."""
    peer = f"http://127.0.0.1:{endpoints.etcd_peer}"
    return [
        "--name=local",
        f"--data-dir={directory / 'etcd'}",
        "--unsafe-no-fsync",
        "--log-level=warn",
        "--quota-backend-bytes=4294967296",
        f"--listen-client-urls={endpoints.etcd}",
        f"--advertise-client-urls={endpoints.etcd}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=local={peer}",
    ]


def apiserver_arguments(endpoints: Endpoints, authority: CertificateAuthority) -> list[str]:
    """An API server with RBAC, node authorisation and the default admission, ValidatingAdmissionPolicy among it."""
    ca = authority.certificate("ca")
    serving = f"apiserver-{endpoints.host}"
    # the `kubernetes` Service must not point at loopback: inside a pod that is the pod
    loopback = endpoints.host.startswith("127.")
    reachable = ["--endpoint-reconciler-type=none"] if loopback else [f"--advertise-address={endpoints.host}"]
    return [
        f"--etcd-servers={endpoints.etcd}",
        f"--bind-address={endpoints.host}",
        f"--secure-port={endpoints.api}",
        *reachable,
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--client-ca-file={ca}",
        f"--tls-cert-file={authority.certificate(serving)}",
        f"--tls-private-key-file={authority.key(serving)}",
        *_service_account_arguments(authority),
        *_kubelet_client_arguments(authority),
        *_front_proxy_arguments(authority),
        # one machine's clients are few and eager
        "--max-requests-inflight=1000",
        "--max-mutating-requests-inflight=500",
    ]


def _service_account_arguments(authority: CertificateAuthority) -> list[str]:
    return [
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={authority.token_public_key}",
        f"--service-account-signing-key-file={authority.key('service-accounts')}",
    ]


def _kubelet_client_arguments(authority: CertificateAuthority) -> list[str]:
    name = "apiserver-kubelet-client"
    return [
        f"--kubelet-client-certificate={authority.certificate(name)}",
        f"--kubelet-client-key={authority.key(name)}",
        f"--kubelet-certificate-authority={authority.certificate('ca')}",
        "--kubelet-preferred-address-types=InternalIP",
    ]


def _front_proxy_arguments(authority: CertificateAuthority) -> list[str]:
    return [
        f"--requestheader-client-ca-file={authority.certificate('ca')}",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={authority.certificate('front-proxy')}",
        f"--proxy-client-key-file={authority.key('front-proxy')}",
    ]


def controller_manager_arguments(kubeconfig: Path, authority: CertificateAuthority) -> list[str]:
    """All default controllers, alone (no leader election) and without a port of their own."""
    return [
        *_client_arguments(kubeconfig),
        "--leader-elect=false",
        "--secure-port=0",
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={authority.key('service-accounts')}",
        f"--root-ca-file={authority.certificate('ca')}",
        f"--cluster-signing-cert-file={authority.certificate('ca')}",
        f"--cluster-signing-key-file={authority.key('ca')}",
        "--kube-api-qps=300",
        "--kube-api-burst=600",
    ]


def scheduler_arguments(kubeconfig: Path) -> list[str]:
    """The default scheduler, alone and without a port of its own."""
    return [
        *_client_arguments(kubeconfig),
        "--leader-elect=false",
        "--secure-port=0",
        "--kube-api-qps=300",
        "--kube-api-burst=600",
    ]


def _client_arguments(kubeconfig: Path) -> list[str]:
    return [
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
    ]
