"""A service as it was at one moment, put back for each of the many things that may follow."""

import shutil
from itertools import count
from pathlib import Path

from sqlalchemy import make_url

from lea_service.custody.merkle import Edge
from lea_service.custody.queries import TreeReader
from tests.support.kept import count_ids


class Moment:
    """What a service had in its databases and in its folder, its clock and its ids."""

    def __init__(self, whole, folder, server=None):
        """Keep it, in ``folder`` or, where it lies in PostgreSQL, on its ``server``."""
        self._whole, self._server = whole, server
        self._databases = (whole.services.cases, whole.services.records)
        self._now, self._ids = whole.clock.now(), count_ids(whole.log)
        self._folder = folder / "moment"
        self._folder.mkdir()
        shutil.copytree(whole.settings.home, self._folder / "home")
        self._copies = [self._copy(one) for one in self._databases]

    def put_back(self):
        """Let nothing have happened since; nobody may be at work."""
        for database, copy in zip(self._databases, self._copies, strict=True):
            database.dispose()
            if database.is_sqlite:
                shutil.copy(copy, _path(database))
            else:
                self._server.replace_database(database.url, copy)
        home = self._whole.settings.home
        shutil.rmtree(home)
        shutil.copytree(self._folder / "home", home)
        custody = self._whole.services.custody  # forget what was read of the log until now
        custody.checkpointer._edge = Edge()
        custody._tree = custody.checkpointer._tree = custody.signed._tree = TreeReader()
        custody.signed._forget()
        self._whole.clock.set(self._now)
        self._whole.log.transactions.ids._count = count(self._ids)

    def _copy(self, database):
        database.dispose()  # which writes SQLite's log into its file
        if database.is_sqlite:
            return shutil.copy(_path(database), self._folder)
        return self._server.create_database(database.url)

    def forget(self):
        """Drop what lies on the server."""
        if self._server:
            for copy in self._copies:
                self._server.drop_database(copy)


def _path(database):
    return Path(make_url(database.url).database)
