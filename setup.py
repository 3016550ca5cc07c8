"""Puts the migrations, which lie at the top of a checkout, into the package; see pyproject.toml."""

from setuptools import find_namespace_packages, setup

LINES = ("cases", "records")
MIGRATIONS = ["lea_service.migrations"]
for line in LINES:
    MIGRATIONS += [f"lea_service.migrations.{line}", f"lea_service.migrations.{line}.versions"]

setup(
    packages=[*find_namespace_packages(include=["lea_service", "lea_service.*"]), *MIGRATIONS],
    package_dir={"lea_service.migrations": "migrations"},
)
