"""An activated job as the gateway delivered it: its documents are still text, a bad one must hurt nobody else."""

from dataclasses import dataclass
from datetime import UTC, datetime

from connector_runtime.gateway.stubs import pb


@dataclass(frozen=True, slots=True)
class ActivatedJob:
    """One job that this worker holds until `deadline_ms`."""

    key: int
    type: str
    variables: str
    headers: str
    retries: int
    deadline_ms: int
    """Unix time in milliseconds, by the broker's clock."""
    bpmn_process_id: str
    process_definition_key: int
    process_definition_version: int
    process_instance_key: int
    element_id: str
    element_instance_key: int
    tenant_id: str
    age: float = 0.0
    """The seconds since the broker activated it."""

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.variables) + len(self.headers)

    @property
    def deadline(self) -> datetime:
        """When Zeebe gives the job to another worker."""
        return datetime.fromtimestamp(self.deadline_ms / 1000, UTC)


def from_message(job: pb.ActivatedJob, age: float) -> ActivatedJob:
    """Take over what a worker needs of the message."""
    return ActivatedJob(
        key=job.key,
        type=job.type,
        variables=job.variables or "{}",
        headers=job.customHeaders or "{}",
        retries=job.retries,
        deadline_ms=job.deadline,
        bpmn_process_id=job.bpmnProcessId,
        process_definition_key=job.processDefinitionKey,
        process_definition_version=job.processDefinitionVersion,
        process_instance_key=job.processInstanceKey,
        element_id=job.elementId,
        element_instance_key=job.elementInstanceKey,
        tenant_id=job.tenantId,
        age=age,
    )
