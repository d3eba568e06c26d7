"""Which BPMN element is which: the part of the BPMN 2.0 class tree that element templates speak of."""

# Child: parents.
_PARENTS: dict[str, tuple[str, ...]] = {
    "FlowElement": ("BaseElement",),
    "FlowNode": ("FlowElement",),
    "SequenceFlow": ("FlowElement",),
    "DataObjectReference": ("FlowElement",),
    "DataStoreReference": ("FlowElement",),
    "Activity": ("FlowNode",),
    "Task": ("Activity", "InteractionNode"),
    **dict.fromkeys(
        ("ServiceTask", "UserTask", "ScriptTask", "BusinessRuleTask", "SendTask", "ReceiveTask", "ManualTask"), ("Task",)
    ),
    "CallActivity": ("Activity", "InteractionNode"),
    "SubProcess": ("Activity", "FlowElementsContainer", "InteractionNode"),
    "AdHocSubProcess": ("SubProcess",),
    "Transaction": ("SubProcess",),
    "Event": ("FlowNode", "InteractionNode"),
    "CatchEvent": ("Event",),
    "ThrowEvent": ("Event",),
    **dict.fromkeys(("StartEvent", "IntermediateCatchEvent", "BoundaryEvent"), ("CatchEvent",)),
    **dict.fromkeys(("EndEvent", "IntermediateThrowEvent", "ImplicitThrowEvent"), ("ThrowEvent",)),
    "Gateway": ("FlowNode",),
    **dict.fromkeys(
        ("ExclusiveGateway", "InclusiveGateway", "ParallelGateway", "EventBasedGateway", "ComplexGateway"), ("Gateway",)
    ),
    "FlowElementsContainer": ("BaseElement",),
    "CallableElement": ("RootElement",),
    "RootElement": ("BaseElement",),
    "Process": ("FlowElementsContainer", "CallableElement"),
    "Collaboration": ("RootElement",),
    "Participant": ("InteractionNode", "BaseElement"),
    "MessageFlow": ("BaseElement",),
    "Lane": ("BaseElement",),
    "Artifact": ("BaseElement",),
    **dict.fromkeys(("TextAnnotation", "Association", "Group"), ("Artifact",)),
    "BaseElement": (),
    "InteractionNode": (),
}
_MORPHABLE = ("bpmn:Activity", "bpmn:Event", "bpmn:Gateway")


def is_a(element: str, base: str) -> bool:
    """Whether `element` (such as `bpmn:ServiceTask`) is a `base`."""
    name = element.removeprefix("bpmn:")
    known = element.startswith("bpmn:") and name in _PARENTS
    return known and (element == base or any(is_a(f"bpmn:{parent}", base) for parent in _PARENTS[name]))


def can_become(source: str, target: str) -> bool:
    """Whether Modeler can turn an element of one type into one of another: only within activities, events or gateways."""
    kind = next((kind for kind in _MORPHABLE if is_a(source, kind)), None)
    return source == target or (kind is not None and is_a(target, kind))
