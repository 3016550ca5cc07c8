"""A worker that dies at a chosen point of a job, as if the process were killed there."""

import ast
import inspect
import textwrap
import threading
from contextlib import contextmanager
from types import SimpleNamespace

from lea_service.kernel.actors import worker_actor
from lea_service.kernel.database import Database
from lea_service.kernel.jobs import JobContext, JobQueue
from lea_service.workflow.outgoing import Outgoing
from lea_service.workflow.steps import Steps

BEFORE, INSIDE, AFTER = "before", "inside", "after"
"""Before a step, when its work is done but not recorded, and when both are."""


class Killed(BaseException):
    """The process is gone: nothing in the code may catch this."""


def list_steps(tree):
    """Return the name of every step in code; a name that is put together is an error."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        ast.literal_eval(call.args[0])
        for call in calls
        if ast.unparse(call.func) in {"context.step", "context.effect"}
    ]


def _read_steps():
    parts = SimpleNamespace(outgoing=Outgoing(None, {}))
    for kind, handler in Steps(parts, worker_actor()).handlers().items():
        source = inspect.getsource(inspect.unwrap(handler))
        yield kind, tuple(list_steps(ast.parse(textwrap.dedent(source))))


STEPS = dict(_read_steps())
"""The steps of each kind of job, as they stand in the code of its handler."""


@contextmanager
def dying_at(monkeypatch, kind, step, moment):
    """Let a worker that comes to the point die there."""
    do_step, do_effect = JobContext.step, JobContext.effect

    def is_there(context, name, at):
        return (context.kind, name, at) == (kind, step, moment)

    def wrap(original):
        def acting(context, name, act):
            def act_and_die(*args):
                result = act(*args)
                if is_there(context, name, INSIDE):
                    raise Killed
                return result

            if is_there(context, name, BEFORE):
                raise Killed
            result = original(context, name, act_and_die)
            if is_there(context, name, AFTER):
                raise Killed
            return result

        return acting

    with monkeypatch.context() as patch:
        patch.setattr(JobContext, "step", wrap(do_step))
        patch.setattr(JobContext, "effect", wrap(do_effect))
        yield


class Death:
    """Whether it came, and the steps on the way there."""

    def __init__(self, kind, number, moment):
        self._kind, self._point = kind, (number, moment)
        self._count = self._thread = None
        self.has_come = False
        self.steps = set()

    def run(self, original):
        def run(queue, claim):
            is_it = claim.kind == self._kind
            self._count, self._thread = (0, threading.get_ident()) if is_it else (None, None)
            try:
                return original(queue, claim)
            finally:
                self._thread = None

        return run

    def write(self, original):
        @contextmanager
        def write(database):
            is_ours = self._thread == threading.get_ident()
            with original(database) as session:
                yield session
                self._come(BEFORE, is_ours)
            self._come(AFTER, is_ours)
            if is_ours:
                self._count += 1

        return write

    def step(self, original):
        def step(context, name, act):
            if context.kind == self._kind:
                self.steps.add(name)
            return original(context, name, act)

        return step

    def _come(self, moment, is_ours):
        if is_ours and (self._count, moment) == self._point:
            self.has_come = True
            raise Killed


@contextmanager
def dying_at_commit(monkeypatch, kind, number, moment):
    """Let the first job of a kind that commits so often die before, or after, that commit.

    To either database and whoever commits, to the end of the job itself; so all numbers in turn
    are all there is between two steps. What was done outside by then is done but not recorded.
    """
    death = Death(kind, number, moment)
    with monkeypatch.context() as patch:
        patch.setattr(JobQueue, "run", death.run(JobQueue.run))
        patch.setattr(Database, "write", death.write(Database.write))
        patch.setattr(JobContext, "step", death.step(JobContext.step))
        patch.setattr(JobContext, "effect", death.step(JobContext.effect))
        yield death
