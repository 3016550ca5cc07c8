"""The command `lea`: people's commands go through REST, the server's own run where it runs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from lea_service import __version__
from lea_service.kernel.folders import for_owner_alone
from lea_service.kernel.logs import configure_logging
from lea_service.kernel.phrases import ENGLISH
from lea_service.web.help_words import tell
from lea_service.web.input import LANGUAGE_ASKED
from lea_service.web.output import BoundaryGroup

ABOUT = """Answer official demands for stored communications data.

Commands of people talk to the service: LEA_URL says where it is, LEA_TOKEN who you are (`lea staff
sign-in` gives you one). Commands of the server (db, backup, keys, serve, worker, staff bootstrap,
custody verify --database) run where it runs and read its settings (docs/settings.md).

Exit codes: 0 done, 1 not done since you said no or broke it off, 2 not valid, 3 not permitted, 4
does not verify, 5 does not fit the present state, 6 not available now, 70 something of ours is
wrong. `package verify` and `custody verify` end with their verdict instead: 0 good, 1 damaged, 2
cannot tell. `legal diff` ends with 1 when something differs.
"""

COMMANDS: Mapping[str, str] = {
    "demands": "lea_service.demands.cli:demands",
    "legal": "lea_service.legal.cli:legal",
    "emergency": "lea_service.demands.cli:emergency",
    "confirmations": "lea_service.legal.confirmations.cli:confirmations",
    "preservation": "lea_service.legal.preservation.cli:preservation",
    "plan": "lea_service.extraction.cli:plan",
    "approvals": "lea_service.extraction.page.cli:approvals",
    "package": "lea_service.packaging.cli:package",
    "deliveries": "lea_service.delivery.cli:deliveries",
    "collect": "lea_service.delivery.cli:collect",
    "agencies": "lea_service.agencies.cli:agencies",
    "staff": "lea_service.staff.reach.cli:staff",
    "breaches": "lea_service.legal.confirmations.cli:breaches",
    "audit": "lea_service.oversight.inquiries.cli:audit",
    "warnings": "lea_service.oversight.cli:warnings",
    "custody": "lea_service.custody.cli:custody",
    "sources": "lea_service.records.live.cli:sources",
    "records": "lea_service.records.live.cli:records",
    "retention": "lea_service.retention.cli:retention",
    "processing": "lea_service.retention.processing.cli:processing",
    "codelists": "lea_service.reporting.cli:codelists",
    "db": "lea_service.operations:db",
    "backup": "lea_service.backup:backup",
    "keys": "lea_service.operations:keys",
    "serve": "lea_service.serve:serve",
    "worker": "lea_service.serve:worker",
}
"""Each command and where it lies; only the one that is called is loaded."""

CHECKS: Mapping[str, str] = {"approvals": "lea_service.extraction.shown"}
"""What knows how to compare what is about to be signed with what was shown of it."""


class Commands(BoundaryGroup):
    """The commands of ``COMMANDS``, in that order."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command, in the language that was asked for; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in CHECKS:
            import_module(CHECKS[cmd_name])
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return tell(command, ctx.meta.get(LANGUAGE_ASKED, ENGLISH))


@click.group(cls=Commands, help=ABOUT)
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context) -> None:
    """Hand the commands of the server a way to open it; what they make nobody else may read."""
    context.with_resource(for_owner_alone())
    configure_logging(readable=True)
    context.obj = _open_service


def _open_service() -> object:
    return import_module("lea_service.serve").open_service()


if __name__ == "__main__":
    main()
