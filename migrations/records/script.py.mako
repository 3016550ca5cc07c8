"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take away what was built."""
    ${downgrades if downgrades else "pass"}
