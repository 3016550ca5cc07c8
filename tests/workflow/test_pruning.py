from sqlalchemy import func, select

from lea_service.kernel.jobs import Job, JobStep
from lea_service.workflow.steps import PERIODIC, periodic


def count_jobs(whole):
    """Return how many jobs that recur there are, and how many steps of them."""
    of_them = Job.kind.in_(PERIODIC)
    with whole.services.transactions.read() as session:
        jobs = session.scalar(select(func.count()).select_from(Job).where(of_them))
        steps = select(func.count()).select_from(JobStep).join(Job, Job.id == JobStep.job_id)
        return jobs, session.scalar(steps.where(of_them))


def test_what_recurs_is_what_is_pruned():
    assert {one.kind for one in periodic(60)} == set(PERIODIC)


def test_worker_forgets_what_recurred_a_month_ago(whole):
    whole.work()
    first = count_jobs(whole)
    assert first[0] == 4
    for _ in range(3):
        whole.clock.advance(days=14)
        whole.work()
    assert count_jobs(whole) == (3 * first[0], 3 * first[1])
    whole.check()
