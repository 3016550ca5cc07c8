"""Terms counted by hand, each with the reckoning written out; nothing here comes from the code.

Event and end are wall-clock times in the Netherlands. A last day means: late after its midnight.
"""

from typing import NamedTuple


class ByHand(NamedTuple):
    """One term: how long from when, its last day, by which articles, and how that was found."""

    event: str
    length: int
    last: str
    law: tuple[str, ...]
    reckoning: str
    widest: str | None = None


SV_130 = ("Sv art. 130",)
"""The day of what happened does not count; the last runs to its end."""
SV_136 = ("Sv art. 136",)
"""A day is 24 hours."""
ATW_1 = ("ATW art. 1 lid 1",)
"""A term that ends on a free day runs to the end of the next that is none."""
ATW_2 = ("ATW art. 2",)
"""A term of three days or more has two that are not free."""
EU_2_1 = ("Regulation 1182/71 art. 2(1)",)
"""Public holidays are those that the Member State names."""
EU_3_1 = ("Regulation 1182/71 art. 3(1)",)
"""The hour, or the day, of what happened does not count."""
EU_3_2A = ("Regulation 1182/71 art. 3(2)(a)",)
"""Hours run from the first to the end of the last."""
EU_3_4 = ("Regulation 1182/71 art. 3(4)",)
"""A period that ends on a free day ends with the next working day."""
EU_3_5 = ("Regulation 1182/71 art. 3(5)",)
"""A period of two days or more has two working days."""
ALARM: tuple[str, ...] = ()
"""No term of law: when to look."""

# fmt: off
NL_DAYS = [
    # an ordinary week in June 2026: no holiday near
    ByHand("2026-06-15T10:00", 3, "2026-06-18", SV_130, "Mon; Tue 16, Wed 17, Thu 18"),
    ByHand("2026-06-16T10:00", 3, "2026-06-19", SV_130, "Tue; Wed 17, Thu 18, Fri 19"),
    ByHand("2026-06-17T10:00", 3, "2026-06-22", SV_130 + ATW_1, "Wed; Thu, Fri, Sat 20 -> ATW 1: Mon 22"),
    ByHand("2026-06-18T10:00", 3, "2026-06-22", SV_130 + ATW_1, "Thu; Fri, Sat, Sun 21 -> Mon 22; Fri and Mon work"),
    ByHand("2026-06-19T10:00", 3, "2026-06-23", SV_130 + ATW_2, "Fri; Sat, Sun, Mon 22; only Mon -> ATW 2: Tue 23"),
    ByHand("2026-06-20T10:00", 3, "2026-06-23", SV_130, "Sat; Sun, Mon, Tue 23: two work"),
    ByHand("2026-06-21T10:00", 3, "2026-06-24", SV_130, "Sun; Mon, Tue, Wed 24"),
    # where the day begins
    ByHand("2026-06-15T23:59", 3, "2026-06-18", SV_130, "still Monday"),
    ByHand("2026-06-16T00:00", 3, "2026-06-19", SV_130, "already Tuesday"),
    # terms shorter than three days are moved, never lengthened
    ByHand("2026-06-19T10:00", 1, "2026-06-22", SV_130 + ATW_1, "Fri; Sat 20 -> ATW 1: Mon 22"),
    ByHand("2026-06-19T10:00", 2, "2026-06-22", SV_130 + ATW_1, "Fri; Sat, Sun 21 -> Mon 22; ATW 2 asks three days"),
    # Christmas 2026: Fri 25 and Sat 26
    ByHand("2026-12-21T10:00", 3, "2026-12-24", SV_130, "Mon; Tue 22, Wed 23, Thu 24"),
    ByHand("2026-12-22T10:00", 3, "2026-12-28", SV_130 + ATW_1, "Tue; Wed, Thu, Fri 25 Christmas -> Mon 28"),
    ByHand("2026-12-23T10:00", 3, "2026-12-28", SV_130 + ATW_1, "Wed; Thu, Fri, Sat -> Mon 28; Thu and Mon work"),
    ByHand("2026-12-24T14:20", 3, "2026-12-29", SV_130 + ATW_1 + ATW_2, "Thu; Fri, Sat, Sun -> Mon 28, alone -> Tue 29"),
    ByHand("2026-12-25T10:00", 3, "2026-12-29", SV_130 + ATW_2, "Fri; Sat, Sun, Mon 28, alone -> Tue 29"),
    ByHand("2026-12-26T10:00", 3, "2026-12-29", SV_130, "Sat; Sun, Mon, Tue 29: two work"),
    # New Year 2027 on a Friday, 2026 on a Thursday with Fri 2 January by decree
    ByHand("2026-12-29T10:00", 3, "2027-01-04", SV_130 + ATW_1, "Tue; Wed, Thu, Fri 1 Jan -> Mon 4"),
    ByHand("2026-12-30T10:00", 3, "2027-01-04", SV_130 + ATW_1, "Wed; Thu, Fri 1, Sat 2 -> Mon 4; Thu and Mon work"),
    ByHand("2026-12-31T10:00", 3, "2027-01-05", SV_130 + ATW_1 + ATW_2, "Thu; Fri 1, Sat, Sun -> Mon 4, alone -> Tue 5"),
    ByHand("2025-12-29T10:00", 3, "2026-01-05", SV_130 + ATW_1, "Mon; Tue, Wed, Thu 1 Jan -> Fri 2 by decree -> Mon 5"),
    ByHand("2025-12-30T10:00", 3, "2026-01-05", SV_130 + ATW_1, "Tue; Wed, Thu 1, Fri 2 decree -> Mon 5; Wed, Mon work"),
    ByHand("2025-12-31T10:00", 3, "2026-01-06", SV_130 + ATW_1 + ATW_2, "Wed; Thu, Fri, Sat 3 -> Mon 5, alone -> Tue 6"),
    # Easter 2026: Good Friday 3 April, Monday 6
    ByHand("2026-03-31T10:00", 3, "2026-04-07", SV_130 + ATW_1, "Tue; Wed, Thu, Fri 3 Good Friday -> Tue 7"),
    ByHand("2026-04-01T10:00", 3, "2026-04-07", SV_130 + ATW_1, "Wed; Thu, Fri, Sat 4 -> Tue 7; Thu and Tue work"),
    ByHand("2026-04-02T10:00", 3, "2026-04-08", SV_130 + ATW_1 + ATW_2, "Thu; Fri, Sat, Sun 5 -> Tue 7, alone -> Wed 8"),
    ByHand("2026-04-03T10:00", 3, "2026-04-08", SV_130 + ATW_1 + ATW_2, "Fri; Sat, Sun, Mon 6 Easter -> Tue 7, alone -> Wed 8"),
    ByHand("2026-04-04T10:00", 3, "2026-04-08", SV_130 + ATW_2, "Sat; Sun, Mon Easter, Tue 7, alone -> Wed 8"),
    ByHand("2026-04-05T10:00", 3, "2026-04-08", SV_130, "Sun; Mon Easter, Tue 7, Wed 8: two work"),
    # Easter 2027: Good Friday 26 March, summer time from Sun 28, Monday 29
    ByHand("2027-03-25T10:00", 3, "2027-03-31", SV_130 + ATW_1 + ATW_2, "Thu; Fri, Sat, Sun 28 -> Tue 30, alone -> Wed 31"),
    # King's Day: Mon 27 April 2026, Sat 26 April 2025 (the 27th is a Sunday), Tue 27 April 2027
    ByHand("2026-04-23T10:00", 3, "2026-04-28", SV_130 + ATW_1, "Thu; Fri, Sat, Sun 26 -> Tue 28; Fri and Tue work"),
    ByHand("2026-04-24T10:00", 3, "2026-04-29", SV_130 + ATW_1 + ATW_2, "Fri; Sat, Sun, Mon 27 -> Tue 28, alone -> Wed 29"),
    ByHand("2025-04-23T10:00", 3, "2025-04-28", SV_130 + ATW_1, "Wed; Thu, Fri, Sat 26 King's Day -> Mon 28"),
    ByHand("2025-04-26T10:00", 3, "2025-04-29", SV_130, "Sat; Sun, Mon 28, Tue 29: two work"),
    ByHand("2027-04-24T10:00", 3, "2027-04-28", SV_130 + ATW_1, "Sat; Sun, Mon 26, Tue 27 King's Day -> Wed 28"),
    # 5 May, each year: Tue in 2026, Wed in 2027
    ByHand("2026-05-01T10:00", 3, "2026-05-06", SV_130 + ATW_2, "Fri; Sat, Sun, Mon 4, alone -> Tue is 5 May -> Wed 6"),
    ByHand("2026-05-02T10:00", 3, "2026-05-06", SV_130 + ATW_1, "Sat; Sun, Mon 4, Tue 5 -> Wed 6; Mon and Wed work"),
    # Ascension and the Friday after it: 14 and 15 May 2026, 6 and 7 May 2027
    ByHand("2026-05-11T10:00", 3, "2026-05-18", SV_130 + ATW_1, "Mon; Tue, Wed, Thu 14 -> Fri 15 decree -> Mon 18"),
    ByHand("2026-05-12T10:00", 3, "2026-05-18", SV_130 + ATW_1, "Tue; Wed, Thu, Fri 15 decree -> Mon 18; Wed, Mon work"),
    ByHand("2026-05-13T10:00", 3, "2026-05-19", SV_130 + ATW_1 + ATW_2, "Wed; Thu, Fri, Sat 16 -> Mon 18, alone -> Tue 19"),
    ByHand("2026-05-15T10:00", 3, "2026-05-19", SV_130 + ATW_2, "Fri; Sat, Sun, Mon 18, alone -> Tue 19"),
    ByHand("2027-05-01T10:00", 3, "2027-05-04", SV_130, "Sat; Sun, Mon 3, Tue 4: two work"),
    ByHand("2027-05-03T10:00", 3, "2027-05-10", SV_130 + ATW_1, "Mon; Tue 4, Wed 5, Thu 6 -> Mon 10; Tue and Mon work"),
    ByHand("2027-05-04T10:00", 3, "2027-05-11", SV_130 + ATW_1 + ATW_2, "Tue; Wed 5, Thu 6, Fri 7 -> Mon 10, alone -> Tue 11"),
    # Whit Monday 25 May 2026
    ByHand("2026-05-21T10:00", 3, "2026-05-26", SV_130 + ATW_1, "Thu; Fri, Sat, Sun 24 -> Tue 26; Fri and Tue work"),
    ByHand("2026-05-22T10:00", 3, "2026-05-27", SV_130 + ATW_1 + ATW_2, "Fri; Sat, Sun, Mon 25 -> Tue 26, alone -> Wed 27"),
    # 2028: King's Day Thu 27 April, Fri 28 by decree; 1 May is no holiday; leap day Tue 29 February
    ByHand("2028-04-25T10:00", 3, "2028-05-01", SV_130 + ATW_1, "Tue; Wed 26, Thu, Fri 28 -> Mon 1 May; two work"),
    ByHand("2028-04-26T10:00", 3, "2028-05-02", SV_130 + ATW_1 + ATW_2, "Wed; Thu, Fri, Sat 29 -> Mon 1 May, alone -> Tue 2"),
    ByHand("2028-02-26T10:00", 3, "2028-02-29", SV_130, "Sat; Sun, Mon 28, Tue 29: two work"),
    ByHand("2028-02-28T10:00", 3, "2028-03-02", SV_130, "Mon; Tue 29, Wed 1 March, Thu 2"),
    ByHand("2027-02-26T10:00", 3, "2027-03-02", SV_130 + ATW_2, "Fri; Sat, Sun 28, Mon 1 March, alone -> Tue 2"),
    # long terms: 90 days are moved, more than 90 are not (ATW 4)
    ByHand("2026-03-02T10:00", 90, "2026-06-01", SV_130 + ATW_1, "2 March + 90 = Sun 31 May -> Mon 1 June"),
    ByHand("2026-03-01T10:00", 91, "2026-05-31", SV_130, "1 March + 91 = Sun 31 May, stays"),
]

EU_DAYS = [
    ByHand("2026-06-15T10:00", 10, "2026-06-25", EU_3_1, "Mon; 16 to 25: Thu"),
    ByHand("2026-06-16T10:00", 10, "2026-06-26", EU_3_1, "Tue; 17 to 26: Fri"),
    ByHand("2026-06-17T10:00", 10, "2026-06-29", EU_3_1 + EU_3_4, "Wed; Sat 27 -> 3(4): Mon 29"),
    ByHand("2026-06-18T10:00", 10, "2026-06-29", EU_3_1 + EU_3_4, "Thu; Sun 28 -> Mon 29"),
    ByHand("2026-06-19T23:59", 10, "2026-06-29", EU_3_1, "Fri; Mon 29"),
    ByHand("2026-12-15T10:00", 10, "2026-12-28", EU_3_1 + EU_3_4, "Tue; Fri 25 Christmas -> Mon 28"),
    ByHand("2026-12-16T10:00", 10, "2026-12-28", EU_3_1 + EU_3_4, "Wed; Sat 26 -> Mon 28"),
    ByHand("2026-12-22T10:00", 10, "2027-01-04", EU_3_1 + EU_3_4, "Tue; Fri 1 January -> Mon 4"),
    ByHand("2026-04-24T10:00", 10, "2026-05-04", EU_3_1, "Fri; Mon 4 May; King's Day within it counts"),
    ByHand("2026-04-25T10:00", 10, "2026-05-06", EU_3_1 + EU_3_4, "Sat; Tue 5 May -> Wed 6"),
    ByHand("2026-03-27T10:00", 10, "2026-04-07", EU_3_1 + EU_3_4, "Fri; Mon 6 April Easter -> Tue 7"),
    # Good Friday and decree days: a holiday for the ATW, perhaps none for the Regulation
    ByHand("2026-03-24T10:00", 10, "2026-04-03", EU_3_1 + EU_2_1, "Tue; Fri 3 April Good Friday", "2026-04-07"),
    ByHand("2026-05-05T10:00", 10, "2026-05-15", EU_3_1 + EU_2_1, "Tue; Fri 15 May by decree", "2026-05-18"),
    ByHand("2026-05-04T10:00", 10, "2026-05-15", EU_3_1 + EU_3_4 + EU_2_1, "Mon; Thu 14 Ascension -> Fri 15", "2026-05-18"),
    # two working days (3(5)), from two days on
    ByHand("2026-06-19T10:00", 1, "2026-06-22", EU_3_1 + EU_3_4, "Fri; Sat 20 -> Mon 22; one day needs no two"),
    ByHand("2026-06-19T10:00", 2, "2026-06-23", EU_3_1 + EU_3_4 + EU_3_5, "Fri; Sat, Sun 21 -> Mon 22, alone -> Tue 23"),
    ByHand("2026-06-19T10:00", 3, "2026-06-23", EU_3_1 + EU_3_5, "Fri; Sat, Sun, Mon 22, alone -> Tue 23"),
    ByHand("2026-12-24T10:00", 2, "2026-12-29", EU_3_1 + EU_3_4 + EU_3_5, "Thu; Fri, Sat 26 -> Mon 28, alone -> Tue 29"),
    ByHand("2026-12-21T10:00", 5, "2026-12-28", EU_3_1 + EU_3_4, "Mon; Sat 26 -> Mon 28; Tue, Wed, Thu work"),
    # preservation and its extension
    ByHand("2026-06-01T10:00", 60, "2026-07-31", EU_3_1, "30 June is day 29, 31 July day 60: Fri"),
    ByHand("2026-06-02T10:00", 60, "2026-08-03", EU_3_1 + EU_3_4, "Sat 1 August -> Mon 3"),
    ByHand("2027-01-31T10:00", 30, "2027-03-02", EU_3_1, "28 February is day 28, Tue 2 March day 30"),
]

NL_PERIODS = [
    # 90 days of 24 hours; widest: to the end of the ninetieth day; never moved
    ByHand("2026-03-02T10:00", 90, "2026-05-31T11:00", SV_136 + SV_130, "29 + 30 + 31; summer time by then", "2026-05-31"),
    ByHand("2025-12-03T10:00", 90, "2026-03-03T10:00", SV_136 + SV_130, "28 + 31 + 28, and 3 March", "2026-03-03"),
    ByHand("2027-12-03T10:00", 90, "2028-03-02T10:00", SV_136 + SV_130, "28 + 31 + 29, and 2 March", "2028-03-02"),
    ByHand("2026-01-15T10:00", 90, "2026-04-15T11:00", SV_136 + SV_130, "24 hours each: summer time", "2026-04-15"),
]

EU_HOURS = [
    ByHand("2026-06-15T14:20", 8, "2026-06-15T23:00", EU_3_1 + EU_3_2A, "the hour from 14 does not count: from 15"),
    ByHand("2026-06-15T14:00", 8, "2026-06-15T23:00", EU_3_1 + EU_3_2A, "14:00 lies in the hour from 14"),
    ByHand("2026-06-15T13:59", 8, "2026-06-15T22:00", EU_3_1 + EU_3_2A, "the hour from 13: from 14"),
    ByHand("2026-06-19T20:30", 8, "2026-06-20T05:00", EU_3_1 + EU_3_2A, "into Saturday: from 21"),
    ByHand("2026-12-25T23:10", 8, "2026-12-26T08:00", EU_3_1 + EU_3_2A, "Christmas runs too: from midnight"),
    ByHand("2026-10-24T23:20", 8, "2026-10-25T07:00", EU_3_1 + EU_3_2A, "from midnight summer time; 3:00 is 2:00 again"),
    ByHand("2026-03-28T22:05", 8, "2026-03-29T08:00", EU_3_1 + EU_3_2A, "from 23; the hour from 2 is missing"),
    ByHand("2026-11-20T13:20", 48, "2026-11-22T14:00", EU_3_1 + EU_3_2A, "art. 4(5): from 14; twice 24, into Sunday"),
    ByHand("2026-10-23T23:30", 48, "2026-10-25T23:00", EU_3_1 + EU_3_2A, "from Saturday 0:00; 25 hours on Sunday: 23:00"),
    ByHand("2026-12-24T10:30", 96, "2026-12-28T11:00", EU_3_1 + EU_3_2A, "from 11; four times 24"),
]

HOURS = [
    ByHand("2026-12-24T14:20", 72, "2026-12-27T14:20", ALARM, "three times 24 hours"),
    ByHand("2026-10-23T12:00", 72, "2026-10-26T11:00", ALARM, "one hour comes twice on Sun 25"),
]
