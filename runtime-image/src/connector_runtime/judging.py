"""Judges jobs, off the event loop when an expression needs time, and with the documents that expressions create."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from connector_runtime.created_documents import NeedsDocumentsError, store
from connector_runtime.outcomes import QUICK, NeedsTimeError, Outcome, Rules, failed, of_exception
from connector_runtime.secrets import MountedSecrets
from connector_sdk import ConnectorError, Documents, InputError

T = TypeVar("T")

MOST_LOOKS = 3
"""At an outcome whose expressions create documents: the result's, the error's, and with all of them there."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Of the jobs of one Connector."""

    secrets: MountedSecrets
    documents: Documents

    async def outcome(self, judge: Callable[[T, Rules], Outcome], what: T, rules: Rules) -> Outcome:
        """Judge; a document store that fails is a failure of the job, which its error expression may judge in turn."""
        try:
            return await self._with_documents(judge, what, rules)
        except ConnectorError as error:
            problem = error
        try:
            return await self._with_documents(of_exception, problem, rules)
        except ConnectorError:
            return failed(problem, rules)

    async def _with_documents(self, judge: Callable[[T, Rules], Outcome], what: T, rules: Rules) -> Outcome:
        """Judge, and store the documents that expressions create; raises ConnectorError when they cannot be."""
        for _ in range(MOST_LOOKS):
            try:
                return await self._at_once(judge, what, rules)
            except NeedsDocumentsError as needed:
                stored = await store(needed, self.documents)
                rules = replace(rules, stored={**rules.stored, **stored})
        msg = "cannot create documents whose content is another each time that it is evaluated"
        raise InputError(msg)

    async def _at_once(self, judge: Callable[[T, Rules], Outcome], what: T, rules: Rules) -> Outcome:
        """Judge with the masker of now: a secret may have been rotated while the function ran."""
        masker = self.secrets.masker
        try:
            return judge(what, replace(rules, masker=masker, limits=QUICK))
        except NeedsTimeError:
            return await asyncio.to_thread(judge, what, replace(rules, masker=masker))
