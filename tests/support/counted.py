"""How many statements a piece of work sends to a database."""

from contextlib import contextmanager

from sqlalchemy import event


@contextmanager
def count_statements(database):
    """Yield the list of what is sent meanwhile, each as its text, beside what begins a transaction."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
