"""A worker that dies at a chosen point of a job, as if the process were killed there."""

from contextlib import contextmanager

from lea_service.kernel.jobs import JobContext

BEFORE, INSIDE, AFTER = "before", "inside", "after"
POINTS = tuple(
    (kind, step, moment)
    for kind, steps in (
        ("extraction.run", ("begin", "execute", "finish", "sweep")),
        ("package.seal", ("begin", "write", "finish", "sweep")),
        ("package.release", ("release",)),
    )
    for step in steps
    for moment in (BEFORE, INSIDE, AFTER)
)
"""Before a step, when its work is done but not recorded, and when both are."""


class Killed(BaseException):
    """The process is gone: nothing in the code may catch this."""


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
