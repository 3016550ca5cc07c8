"""Several acts at one moment, each in a thread and with connections of its own."""

import threading

from sqlalchemy import text

from lea_service.kernel.errors import LeaError


def race(*acts):
    """Start all acts together; returns what each gave, or the error it was told."""
    results = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(number, act):
        barrier.wait()
        try:
            results[number] = act()
        except LeaError as err:
            results[number] = err

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def waits_for_a_lock(database, thread):
    """Say whether a thread comes to wait for somebody else's lock before it ends."""
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while thread.is_alive():
        with database.read() as session:
            if session.scalar(waits):
                return True
    return False
