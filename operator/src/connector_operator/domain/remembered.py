"""What was read from an object once need not be read again: objects never change, so the same object gives the same answer."""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from connector_operator.domain.objects import Object

T = TypeVar("T")


def remembered(size: int) -> Callable[[Callable[[Object], T]], Callable[[Object], T]]:
    """Let a pure function of one object keep its answers for the last `size` objects; a copy of an object is another one."""

    def decorate(read: Callable[[Object], T]) -> Callable[[Object], T]:
        answers: OrderedDict[int, tuple[Object, T]] = OrderedDict()

        @wraps(read)
        def answer(obj: Object) -> T:
            known = answers.get(id(obj))
            if known is not None:
                answers.move_to_end(id(obj))
                return known[1]
            # the object is kept with its answer: as long as it lives, no other can have its id
            answers[id(obj)] = (obj, read(obj))
            if len(answers) > size:
                answers.popitem(last=False)
            return answers[id(obj)][1]

        return answer

    return decorate
