"""The clock of the demonstration begins in the past, goes on in the open, and never back."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from lea_service.demonstration.moved_lea import __name__ as moved_lea
from lea_service.demonstration.narration import tell_time
from lea_service.demonstration.stage_clock import BEGINS, StageClock
from lea_service.kernel.errors import InvalidInput

SHORT = timedelta(minutes=5)


@pytest.fixture
def clock(tmp_path):
    return StageClock.begin(tmp_path / "clock")


def test_clock_begins_in_the_past_and_is_moved_on(clock):
    begins = datetime.now(UTC) + BEGINS
    assert begins - SHORT < clock.now() < begins + SHORT
    clock.move_to(begins + timedelta(days=3))
    assert timedelta(days=3) <= clock.now() - begins < timedelta(days=3) + SHORT


@pytest.mark.parametrize("days", [-1, 29])
def test_clock_goes_neither_back_nor_beyond_the_machine(clock, days):
    before = clock.file.read_text()
    with pytest.raises(InvalidInput):
        clock.move_to(clock.now() + timedelta(days=days))
    assert clock.file.read_text() == before


def test_commands_run_by_that_clock(clock, tmp_path):
    environ = {"LEA_HOME": f"{tmp_path}", "LEA_KEYS_DIR": f"{tmp_path / 'keys'}"}
    command = [sys.executable, "-m", moved_lea, f"{clock.file}", "keys", "generate"]
    subprocess.run(command, env=environ, check=True, capture_output=True)
    command = [*command[:4], "keys", "export-trust", f"{tmp_path / 'trust'}"]
    subprocess.run(command, env=environ, check=True, capture_output=True)
    shown = (tmp_path / "trust" / "provider.cert.pem").read_bytes()
    begins = x509.load_pem_x509_certificate(shown).not_valid_before_utc
    assert clock.now() - timedelta(days=2) < begins <= clock.now()


def test_times_are_told_as_the_clock_on_the_wall_shows_them():
    assert tell_time(datetime(2026, 7, 1, 22, 0, 3, tzinfo=UTC)) == "2026-07-02 00:00 (+02:00)"
    assert tell_time("2026-12-01T23:00:59.120000Z") == "2026-12-02 00:00 (+01:00)"
