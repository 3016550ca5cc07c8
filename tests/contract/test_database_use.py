"""Who opens a transaction, and who speaks to a database at all."""

import ast
from pathlib import PurePath

from tests.contract.test_imports import TOP, files, imports_of

OPENERS = {
    "backup.py": "a command of the server, which answers for its own use case",
    "custody/access.py": "enters what the edge refused, when no use case came about",
    "custody/looks.py": "commits the entry of a look before the use case that reads",
    "delivery/closing.py": "use cases: what a person ends before the clock does",
    "delivery/tokens.py": "use cases: the tokens of receivers",
    "kernel/jobs.py": "fences each step of a job, and keeps leases",
    "kernel/outbox.py": "raises the alarm of the day where no use case came about",
    "kernel/transactions.py": "is what everybody opens",
    "retention/backups/restore.py": "use case: fills empty databases, before there is a service",
    "retention/recovery.py": "use case: makes good what the record store lost",
    "retention/residues.py": "what is left in files once a purge is over, one table at a time",
    "staff/bootstrap.py": "use case: the first two people, before anybody can sign in",
    "staff/sign_in.py": "use cases: signing in, when nobody is known yet",
}
"""Files that open transactions and are no service, each with its reason."""

SPEAKS = {"models", "store", "service", "queries", "changes", "approval", "audit"}
"""Names of files that hold tables, use cases, reads, or changes within a use case."""

SPEAKERS = {
    "custody/evidence.py": "digests of rows",
    "custody/fences.py": "triggers as the database has them",
    "custody/fsck.py": "what is stored, held against the log",
    "custody/journal.py": "the appending of entries",
    "custody/looks.py": "two looks begun at once",
    "custody/replay.py": "the log read anew",
    "delivery/proven.py": "what the log says of tokens and deliveries",
    "delivery/tokens.py": "use cases",
    "demands/admission.py": "which demands are hidden from whom",
    "demands/concerned.py": "whom a demand is about",
    "demands/holds.py": "holds of demands",
    "kernel/database.py": "both databases",
    "kernel/datakeys.py": "the table of wrapped keys",
    "kernel/foreign.py": "failures of the database, told from ours",
    "kernel/jobs.py": "the table of jobs",
    "kernel/outbox.py": "two alarms raised at once",
    "kernel/transactions.py": "what everybody opens",
    "kernel/visibility.py": "what a session sees",
    "legal/authenticity/register.py": "what the register says of whom a demand names",
    "records/live/columns.py": "types of their columns",
    "records/live/connections.py": "addresses of the databases of live sources",
    "records/live/database.py": "those databases, and no table of ours",
    "records/live/privileges.py": "what an account may do there",
    "records/live/rows.py": "rows of their tables",
    "records/partitions.py": "the partitions of its tables on PostgreSQL",
    "records/reader.py": "the built-in record store",
    "records/selection.py": "conditions of a plan on its tables",
    "records/shards.py": "the servers on which its rows lie",
    "records/writer.py": "rows into its tables",
    "retention/backups/archive.py": "rows of both databases, into and out of a backup",
    "retention/backups/restore.py": "what the tables of both databases are",
    "retention/backups/rows.py": "rows of every table",
    "retention/residues.py": "what deleted rows leave in files",
    "retention/standing.py": "the ledgers of both databases",
    "settings.py": "addresses of both databases",
    "staff/attempts.py": "counts of failed attempts",
    "staff/delegations.py": "what is lent to whom",
    "staff/engagements.py": "on what footing people work here",
}
"""Other files that make statements or know the database's errors, each with what for."""

HANDED = {
    "custody/followed.py",
    "custody/relied.py",
    "custody/signed.py",
    "custody/verdicts.py",
    "delivery/following.py",
    "delivery/release.py",
    "extraction/decided.py",
    "extraction/extra_decider.py",
    "extraction/turns.py",
    "legal/authenticity/shown.py",
    "legal/confirmations/owing.py",
    "legal/powers.py",
    "legal/taken_back.py",
    "packaging/assembly.py",
    "retention/certificate.py",
    "retention/reckoning.py",
    "staff/decisions.py",
    "staff/exported.py",
    "staff/proven.py",
    "workflow/mailboxes.py",
    "workflow/outgoing.py",
}
"""Files that only hand a session on, from whoever opened it to the reads."""


def trees():
    """Yield (name, stem, tree) of every file."""
    for path in files():
        yield path.relative_to(TOP).as_posix(), path.stem, ast.parse(path.read_text())


def is_service(stem):
    return stem == "service" or stem.endswith("_service")


def is_named_so(stem):
    """Say whether the name of a file tells that it speaks to a database."""
    return stem in SPEAKS or is_service(stem) or stem.endswith("_queries")


def opens(call):
    """Say whether a call opens a transaction that writes."""
    owner, _, method = ast.unparse(call.func).rpartition(".")
    name = PurePath(owner.replace(".", "/")).name.lstrip("_")
    return (name, method) in {
        ("transactions", "begin"),
        ("database", "write"),
        ("cases", "write"),
        ("records", "write"),
    }


def speaks(tree):
    """Say whether a file imports more of SQLAlchemy than the type of a session."""
    return any(
        isinstance(node, ast.Import)
        or node.module != "sqlalchemy.orm"
        or {alias.name for alias in node.names} != {"Session"}
        for node in sqlalchemy_imports(tree)
    )


def sqlalchemy_imports(tree):
    lines = {line for line, module in imports_of(tree) if module.split(".")[0] == "sqlalchemy"}
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return [node for node in nodes if node.lineno in lines]


def test_only_services_open_transactions():
    found = {
        name
        for name, stem, tree in trees()
        if not is_service(stem)
        and any(opens(node) for node in ast.walk(tree) if isinstance(node, ast.Call))
    }
    assert found == set(OPENERS)


def test_only_tables_reads_and_use_cases_make_statements():
    found = {name for name, stem, tree in trees() if not is_named_so(stem) and speaks(tree)}
    assert found == set(SPEAKERS)


def test_session_is_known_to_nobody_else():
    found = {
        name for name, stem, tree in trees() if not is_named_so(stem) and sqlalchemy_imports(tree)
    }
    assert found - set(SPEAKERS) == HANDED


def test_nobody_commits_below_a_use_case():
    calls = [
        f"{name}:{node.lineno}"
        for name, _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]
    assert calls == []
