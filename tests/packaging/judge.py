"""Packages that lie, and what the verifier says of them."""

import io
import zipfile
from dataclasses import replace

from lea_service.custody.queries import list_stream
from lea_service.extraction.instalments import HANDED_OVER
from lea_service.kernel.actors import Actor, Role, worker_actor
from lea_service.kernel.canonical import load_strict
from lea_service.packaging.verify import load_trust, verify_package
from lea_service.packaging.verify_log import GivenLog
from tests.support.package import DEMAND, PACKAGE, RUN, enter, nothing, open_package, seal_case

AUDITOR = Actor("s_auditor", frozenset({Role.AUDITOR}))


def check(case, path, log=None):
    """Verify a container with what its receiver trusts, and the whole log if there is one."""
    given = None if log is None else GivenLog.load(log)
    return verify_package(path, load_trust(case.trust), given)


def found(report):
    """Return the problems as text."""
    return [one.text() for one in report.problems]


def damage(tmp_path, whole, change):
    """Rewrite the container with its members as ``change`` leaves them, in their order."""
    with zipfile.ZipFile(io.BytesIO(whole)) as read:
        files = {name: read.read(name) for name in read.namelist()}
    files = change(files) or files
    path = tmp_path / "damaged.asice"
    with zipfile.ZipFile(path, "w") as write:
        for name, data in files.items():
            write.writestr(name, data)
    return path


def reseal(case, folder, *, signer=None, **changes):
    """Return a package that the provider itself signed, of other contents."""
    other = replace(case, signer=signer or case.signer)
    data, _ = seal_case(other, replace(case.contents, **changes))
    return open_package(folder, data)


def beside(case, folder, told=None, waiting=nothing, handed_over=True, **changes):
    """Put the encrypted package, its entry and its proof beside the container.

    ``told`` are facts that the log holds instead of the truth. ``waiting`` is called with the log
    when the package is sealed and not ``handed_over`` yet.
    """
    data, written = seal_case(case, replace(case.contents, **changes))
    container = open_package(folder, data)
    plan = load_strict(case.contents.plan)
    facts = {
        "package": PACKAGE,
        "run": RUN,
        "sha256": written.sha256,
        "manifest": written.manifest_digest,
        "receivers": [one["certificate"] for one in plan["receivers"]],
    }
    enter(case.log, "package.sealed", DEMAND, facts | (told or {}))
    with case.log.transactions.read() as session:
        entry = list_stream(session, DEMAND)[-1]
    (folder / f"{PACKAGE}.entry.json").write_bytes(entry.data)
    waiting(case.log)
    if handed_over:
        enter(case.log, HANDED_OVER, DEMAND, {"package": PACKAGE, "receivers": []})
    case.log.checkpointer.publish(worker_actor())
    proof = case.log.service.prove_last(DEMAND, "package.sealed").format()
    (folder / f"{PACKAGE}.tlog-proof").write_bytes(proof)
    return container


def export(log, path, stream=None):
    """Write a bundle up to the newest checkpoint, as an auditor does."""
    with path.open("wb") as file:
        log.service.export(AUDITOR, stream).write_zip(file)
    return path
