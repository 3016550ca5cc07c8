"""Realistic sample records, the same for the same day: nobody in them exists.

Three files as real systems write them: an Asterisk ``Master.csv`` (local time without zone), a
RADIUS accounting export and a list of subscribers.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

CALLS, SESSIONS, SUBSCRIBERS = 8_000, 2_000, 500
DAYS = 90
SEED = 20_261_124
QUIET = 120
RING, TALK, LATE_CALL = 5, 60, 900_000

COMPANIES = ("Bakkerij", "Garage", "Tandarts", "Makelaardij", "Bloemist", "Advocatuur", "Drukkerij")
FAMILIES = ("De Vries", "Jansen", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Vos")
STREETS = ("Dorpsstraat", "Kerkstraat", "Stationsweg", "Molenlaan", "Havenkade", "Nieuwstraat")
CITIES = (
    ("Groningen", "97"),
    ("Utrecht", "35"),
    ("Zwolle", "80"),
    ("Breda", "48"),
    ("Delft", "26"),
)
RESULTS = ("ANSWERED", "ANSWERED", "ANSWERED", "ANSWERED", "NO ANSWER", "BUSY", "FAILED")
CAUSES = ("User-Request", "Lost-Carrier", "Idle-Timeout", "Session-Timeout")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One customer of the sample provider."""

    customer: str
    name: str
    street: str
    postcode: str
    city: str
    number: str
    account: str
    since: date


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """Where the three files are, the number that has most to tell, and one that has little."""

    calls: Path
    sessions: Path
    subscribers: Path
    busiest: Subscriber
    quiet: Subscriber
    first_day: date
    last_day: date


def write_samples(folder: Path, today: date) -> SampleFiles:
    """Write the sample files for the ninety days before ``today``."""
    chance = random.Random(SEED)  # noqa: S311 - sample data, not a secret
    folder.mkdir(parents=True, exist_ok=True)
    first = today - timedelta(days=DAYS)
    people = [_subscriber(chance, n, first) for n in range(SUBSCRIBERS)]
    files = SampleFiles(
        folder / "Master.csv",
        folder / "radacct.csv",
        folder / "subscribers.csv",
        people[0],
        people[QUIET],
        first,
        today - timedelta(days=1),
    )
    _write_subscribers(files.subscribers, people)
    _write_calls(files.calls, chance, people, first)
    _write_sessions(files.sessions, chance, people, first)
    return files


def _subscriber(chance: random.Random, n: int, first: date) -> Subscriber:
    city, prefix = chance.choice(CITIES)
    return Subscriber(
        customer=f"K{100_000 + n * 7}",
        name=f"{chance.choice(COMPANIES)} {chance.choice(FAMILIES)} B.V.",
        street=f"{chance.choice(STREETS)} {chance.randint(1, 180)}",
        postcode=f"{prefix}{chance.randint(10, 99)} "
        + "".join(chance.sample("ABCDEGHJKLMNPRST", 2)),
        city=city,
        number=f"085{2_000_000 + n * 1_013:07d}",
        account=f"line{n:04d}@voice.example",
        since=first - timedelta(days=chance.randint(30, 2_000)),
    )


def _write_subscribers(path: Path, people: list[Subscriber]) -> None:
    columns = ["customer_number", "name", "address", "postcode", "city", "country"]
    columns += ["number", "sip_uri", "email", "service", "payer_name", "payer_number"]
    columns += ["payer_account", "device", "mac", "imei", "imsi", "iccid", "valid_from", "valid_to"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for n, one in enumerate(people):
            place = [one.name, one.street, one.postcode, one.city, "NL"]
            contact = [one.number, f"sip:{one.account}", f"info@{one.customer.lower()}.example"]
            payer = [f"{one.name} Administratie", one.customer, f"NL00TEST{n:010d}"]
            equipment = ["Yealink T46U", mac_address(n), "", "", ""]
            told = [*place, *contact, "business voice", *payer, *equipment]
            writer.writerow([one.customer, *told, f"{one.since}", ""])


def mac_address(n: int) -> str:
    """Return the address of the equipment of a customer, of those that no maker gives out.

    They are locally administered (RFC 9542): each customer's is another, or it would be in two
    hands at once.
    """
    return f"02:00:5e:00:{n // 256:02x}:{n % 256:02x}"


def write_late_calls(path: Path, who: Subscriber, day: date, count: int) -> None:
    """Write calls of one customer on a day, as a system hands them over that was behind."""
    begin = datetime.combine(day, time(9))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        for n in range(count):
            other, start = f"06{50_000_000 + n}", begin + timedelta(minutes=5 * n)
            writer.writerow(_row(who, (who.number, other), start, (RING, TALK), LATE_CALL + n))


def _write_calls(path: Path, chance: random.Random, people: list[Subscriber], first: date) -> None:
    starts = sorted(_moment(chance, first) for _ in range(CALLS))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        for n, start in enumerate(starts):
            writer.writerow(_call(chance, people, start, n))


def _call(
    chance: random.Random, people: list[Subscriber], start: datetime, n: int
) -> list[str | int]:
    ours = people[min(int(chance.expovariate(0.02)), SUBSCRIBERS - 1)]
    other = f"06{chance.randint(10_000_000, 59_999_999)}"
    if chance.random() < 0.2:
        other = chance.choice(people).number
    source, destination = (ours.number, other) if chance.random() < 0.5 else (other, ours.number)
    result = chance.choice(RESULTS)
    ring, talk = chance.randint(2, 25), int(chance.expovariate(1 / 140)) + 1
    return _row(ours, (source, destination), start, (ring, talk), n, result)


def _row(
    ours: Subscriber,
    ends: tuple[str, str],
    start: datetime,
    seconds: tuple[int, int],
    n: int,
    result: str = "ANSWERED",
) -> list[str | int]:
    """Return a call between two ``ends`` as Asterisk writes it; ``seconds`` of ringing and talk."""
    (source, destination), (ring, talk) = ends, seconds
    answered = result == "ANSWERED"
    end = start + timedelta(seconds=ring + (talk if answered else 0))
    return [
        ours.customer,
        source,
        destination,
        "business",
        f'"{source}" <{source}>',
        f"PJSIP/{ours.account}-{n:08x}",
        f"PJSIP/trunk-{n:08x}",
        "Dial",
        f"PJSIP/{destination}@trunk,60",
        f"{start:%Y-%m-%d %H:%M:%S}",
        f"{start + timedelta(seconds=ring):%Y-%m-%d %H:%M:%S}" if answered else "",
        f"{end:%Y-%m-%d %H:%M:%S}",
        ring + (talk if answered else 0),
        talk if answered else 0,
        result,
        "DOCUMENTATION",
        f"{n}.{n % 97}",
        "",
    ]


def _write_sessions(
    path: Path, chance: random.Random, people: list[Subscriber], first: date
) -> None:
    columns = ["radacctid", "acctsessionid", "acctuniqueid", "username", "nasipaddress"]
    columns += ["acctstarttime", "acctstoptime", "acctsessiontime", "acctinputoctets"]
    columns += ["acctoutputoctets", "framedipaddress", "framedipv6address", "framedipv6prefix"]
    columns += ["delegatedipv6prefix", "acctterminatecause", "callingstationid"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for n, start in enumerate(sorted(_moment(chance, first) for _ in range(SESSIONS))):
            seconds = int(chance.expovariate(1 / 7_200)) + 5
            stop = start + timedelta(seconds=seconds)
            who = chance.randrange(len(people))
            ours = people[who]
            station = mac_address(who).replace(":", "-").upper()
            head = [n + 1, f"{n:08X}", f"{chance.getrandbits(128):032x}", ours.account]
            times = ["192.0.2.10", f"{start:%Y-%m-%d %H:%M:%S}", f"{stop:%Y-%m-%d %H:%M:%S}"]
            octets = [seconds * chance.randint(500, 9_000), seconds * chance.randint(2_000, 90_000)]
            addresses = [f"198.51.100.{chance.randint(1, 254)}", *_addresses6(n)]
            rest = [*octets, *addresses, chance.choice(CAUSES), station]
            writer.writerow([*head, *times, seconds, *rest])


def _addresses6(n: int) -> list[str]:
    """Return address, prefix of the line and delegated prefix; every other session has none."""
    if n % 2:
        return ["", "", ""]
    line, network = f"2001:db8:a:{n:x}:", f"2001:db8:b{n >> 8:x}:{(n & 255) << 8:x}:"
    return [f"{line}:1", f"{line}:/64", f"{network}:/56"]


def _moment(chance: random.Random, first: date) -> datetime:
    """Return a wall-clock moment in office hours, never in the hour that summer time skips."""
    day = first + timedelta(days=chance.randrange(DAYS))
    seconds = min(max(int(chance.gauss(13.5, 3.2) * 3_600), 6 * 3_600), 23 * 3_600)
    return datetime.combine(day, time()) + timedelta(seconds=seconds)
