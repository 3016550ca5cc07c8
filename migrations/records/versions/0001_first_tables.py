"""First tables, as plain SQL beside this file: one statement a paragraph, one file an engine."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build."""
    _run("up")


def downgrade() -> None:
    """Take away what was built."""
    _run("down")


def _run(direction: str) -> None:
    connection = op.get_bind()
    file = Path(__file__).with_name(f"0001_{direction}.{connection.dialect.name}.sql")
    for statement in file.read_text().strip().split("\n\n"):
        connection.exec_driver_sql(statement)
