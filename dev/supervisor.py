"""What `./poew dev` and `./poew stack` run: the children, kept alive until a signal says stop."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from dev import demo
from dev.api import api_command, reload_on_change, worker_command
from dev.child import Child
from dev.failure import StackError
from dev.log import say, to_screen
from dev.net import HOST, require_free
from dev.paths import ROOT
from dev.restart_supervisor import RestartSupervisor
from dev.stack import Options, Stack

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Supervisor:
    """The stack, and beside it the processes of `beside`, for one person at a terminal."""

    options: Options
    api_port: int | None = None
    beside: list[Child] = field(default_factory=list)

    async def run(self) -> None:
        """Serve until a signal. StackError when something cannot start or keeps ending."""
        if self.api_port is not None:
            require_free(self.api_port, "the API", "--port")
        async with Stack(self.options) as stack:
            try:
                jobs = [RestartSupervisor(child, to_screen).run() for child in stack.children]
                jobs += await self._start_api(stack)
                await _until_one_fails([*jobs, self._greet(stack)])
            finally:
                for child in reversed(self.beside):
                    await child.stop()

    async def _start_api(self, stack: Stack) -> list[Coroutine[Any, Any, None]]:
        """Start what uses the stack, the API and one worker; the jobs that keep it running."""
        if self.api_port is None:
            return []
        environment, logs = stack.environment(), stack.data_dir / "logs"
        restarters = []
        for command in (api_command(self.api_port, environment), worker_command(environment)):
            child = Child(command, logs / f"{command.name}.log", to_screen)
            self.beside.append(child)
            await child.start()
            restarters.append(RestartSupervisor(child, to_screen, waits_for_change=True))
        return [*(restarter.run() for restarter in restarters), reload_on_change(ROOT / "src", restarters, to_screen)]

    async def _greet(self, stack: Stack) -> None:
        # Both take a second, so at once.
        ready, tokens = await asyncio.gather(self._api_answers(), demo.sign_in(stack))
        url = None if self.api_port is None else f"http://{HOST}:{self.api_port}"
        if tokens and url is not None and ready:
            await demo.create_demo_data(url, tokens[0])
        demo.print_instructions(stack, url, tokens)
        await asyncio.Event().wait()  # the other jobs go on

    async def _api_answers(self) -> bool:
        try:
            for child in self.beside:
                await child.ready()
        except StackError:
            say("the API does not answer: its words are above; mend the source, and it starts again")
            return False
        return True


async def _until_one_fails(jobs: list[Coroutine[Any, Any, None]]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except* StackError as failures:
        raise failures.exceptions[0] from None


async def until_signalled(work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` and cancel it at the first signal; a second one does not disturb the ending."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work())
    for number in SIGNALS:
        loop.add_signal_handler(number, _stop, task)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _stop(task: "asyncio.Future[None]") -> None:
    if not task.cancelling():  # type: ignore[attr-defined]
        task.cancel()
        say("stopping …")
