"""The story of keeping in step: an item that was told of is fetched, scored where it asks for it, written, mirrored.

Whoever is killed between two steps has left what the next one needs: a receipt is named by what it is of, an outcome
that was said is not said again, and the task is struck off last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mlscore.ports import Clock, Crm, GoneItem, Item, Mirror, Mirrors, SeenItem, Task
from mlscore.scoring.errors import MlscoreError, NotAllowedError, StoreUnavailableError, UnreachableError
from mlscore.service.in_step.rescoring import Rescoring
from mlscore.service.outcomes import OutcomeService

_FOR_ALL = (UnreachableError, NotAllowedError, StoreUnavailableError)
_OF_ONE = (MlscoreError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What one strange item may make of us, whatever it is: the others are not to wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Looks at items of one CRM."""

    firm: str
    crm: Crm
    mirrors: Mirrors
    outcomes: OutcomeService
    rescoring: Rescoring
    clock: Clock

    def look(self, tasks: Sequence[Task]) -> Mapping[Item, str]:
        """Look at the items of tasks; return those with which it went wrong, and why. The others are in step.

        Raises UnreachableError, NotAllowedError and StoreUnavailableError: then all of them are still to be done.
        """
        try:
            return self._look(tasks)
        except _FOR_ALL:
            raise
        except _OF_ONE as error:
            if len(tasks) == 1:
                return {tasks[0].item: _said(error)}
        return {item: fault for task in tasks for item, fault in self.look([task]).items()}

    def _look(self, tasks: Sequence[Task]) -> Mapping[Item, str]:
        items = [task.item for task in tasks]
        mirrors = self.mirrors.of(self.firm, self.crm.name, items)
        found = self.crm.fetch(items)
        seen = [one for one in found if isinstance(one, SeenItem)]
        self._gone([one.item for one in found if isinstance(one, GoneItem)], mirrors)
        self._ended([one for one in seen if not one.is_open], mirrors)
        is_open = [one for one in seen if one.is_open]
        self._reopened(is_open, mirrors)
        return self.rescoring.rescore(is_open, mirrors, tries={task.item: task.tries for task in tasks})

    def _gone(self, items: Sequence[Item], mirrors: Mapping[Item, Mirror]) -> None:
        """Note that the CRM has items no more; of one we never saw there is nothing to note."""
        now = self.clock()
        known = [mirrors[item] for item in items if item in mirrors]
        self._keep([replace(mirror, is_open=False, seen_at=now, fault=None) for mirror in known])

    def _ended(self, ended: Sequence[SeenItem], mirrors: Mapping[Item, Mirror]) -> None:
        """Note that items ended, and then how: where only the first came to be, they still can be seen to reopen."""
        now = self.clock()
        for one in ended:
            if one.outcome is not None:
                self.outcomes.check(one.outcome)
        kept = []
        for one in ended:
            blank = Mirror(item=one.item, deal_id=one.deal.deal_id, is_open=False, seen_at=now)
            mirror = mirrors.get(one.item, blank)
            kept.append(replace(mirror, is_open=False, seen_at=now, changed_at=one.changed_at, fault=None))
        self._keep(kept)
        # Known from now on, whatever day the CRM closed the deal on: scores made between did not know of it.
        outcomes = [replace(one.outcome, known_at=None) for one in ended if one.outcome is not None]
        if outcomes:
            self.outcomes.record(self.firm, outcomes)

    def _reopened(self, is_open: Sequence[SeenItem], mirrors: Mapping[Item, Mirror]) -> None:
        """Take back how deals ended that are open again; not of one we saw open, of whose end somebody else told us."""
        back = [one.deal.deal_id for one in is_open if one.item not in mirrors or not mirrors[one.item].is_open]
        if back:
            self.outcomes.reopen(self.firm, back)

    def _keep(self, mirrors: Sequence[Mirror]) -> None:
        if mirrors:
            self.mirrors.keep(self.firm, self.crm.name, mirrors)


def _said(error: Exception) -> str:
    """Say what is wrong; of an error that is not ours only its kind, for its words may repeat what was read."""
    return str(error) if isinstance(error, MlscoreError) else f"a fault of mlscore ({type(error).__name__})"
