"""Several acts at one moment, each in a thread and with connections of its own."""

import threading

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
