"""Called by Alembic; all it needs comes from whoever runs the migrations."""

from alembic import context

from lea_service.kernel.migration import run_environment

run_environment(context)
