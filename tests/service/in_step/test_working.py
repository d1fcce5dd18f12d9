"""What a worker does in which order, while there is always something to do."""

from typing import cast

from mlscore.service.in_step import Sweep
from tests.service.in_step.crm import deal
from tests.service.in_step.test_looking import other_policy
from tests.service.in_step.world import World


class FindsNothing:
    """A search that finds nothing: whatever reaches a deal came another way."""

    def sweep(self) -> int:
        return 0


def test_a_new_policy_reaches_what_nobody_touches_though_the_queue_never_empties(world: World) -> None:
    for number in (1, 2):
        world.crm.put(deal(number))
        world.tell(deal(number))
    worker = world.settle()
    worker.sweep = cast("Sweep", FindsNothing())
    before = world.mirror(2).policy_version
    other_policy(world)
    for _ in range(200):
        world.tell(deal(1))
        worker.turn()
        world.clock.wait(1.0)
    assert world.mirror(2).policy_version != before
    assert world.mirror(2).policy_version == world.current().policy_version
