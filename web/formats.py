"""Dates, numbers and amounts as people write them, by language; Babel's answers are kept."""

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal

from schema import units
from schema.words import N_
from web.words import Catalogue

# English as it is written in Europe: day before month, 24 hours.
LOCALES = {"en": "en_GB"}
STEPS = (("year", 31_536_000), ("month", 2_592_000), ("week", 604_800), ("day", 86_400))
SHORT_STEPS = (("hour", 3600), ("minute", 60))

Number = int | float | Decimal


def cell(text: str) -> str:
    """A text for a spreadsheet: those run what begins like a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


class Formats:
    """How one language writes dates and amounts, in one time zone."""

    def __init__(self, catalogue: Catalogue, zone: tzinfo, clock: Callable[[], datetime]) -> None:
        self.catalogue = catalogue
        self.zone = zone
        self.clock = clock
        self.locale = LOCALES.get(catalogue.language, catalogue.language)

    def _local(self, moment: date | datetime) -> date:
        return moment.astimezone(self.zone) if isinstance(moment, datetime) else moment

    def long_day(self, moment: date | datetime) -> str:
        """As in "14. August 2026"."""
        day = self._local(moment)
        return _long(self.locale, day.year, day.month, day.day)

    def day(self, moment: date | datetime) -> str:
        """As in "Fr., 14. Aug."; with the year where it is more than half a year away."""
        day = self._local(moment)
        plain = date(day.year, day.month, day.day)
        if abs((plain - self.clock().astimezone(self.zone).date()).days) > 180:
            return self.long_day(plain)
        return _short(self.locale, day.year, day.month, day.day)

    def time(self, moment: datetime) -> str:
        """As in "18:05"."""
        local = moment.astimezone(self.zone)
        return f"{local.hour:02}:{local.minute:02}"

    def moment(self, moment: datetime) -> str:
        """As in "14. August 2026, 18:05"."""
        return f"{self.long_day(moment)}, {self.time(moment)}"

    def ago(self, moment: datetime) -> str:
        """As in "vor 3 Stunden", "in 2 Tagen", "gerade eben": words for the time from now."""
        seconds = int((moment - self.clock()).total_seconds())
        size = abs(seconds)
        if size < 60:
            return self.catalogue.gettext(N_("just now"))
        for unit, length in (*STEPS, *SHORT_STEPS):
            if size >= length:
                return _relative(self.locale, unit, length * (size // length), seconds > 0)
        raise AssertionError(size)

    def number(self, value: Number) -> str:
        """As in "1.250,5": grouped, at most two places behind the comma."""
        return _number(self.locale, round(Decimal(str(value)), 2))

    def quantity(self, value: Number | None, unit: str) -> str:
        """As in "5 kg", "1 Kiste", "0,5 Stunden"; without a number there is nothing to say."""
        if value is None:
            return ""
        known = units.find(unit)
        amount = Decimal(str(value))
        word = known.word(amount, self.catalogue.language) if known else unit
        return f"{self.number(amount)}\u00a0{word}"

    def distance(self, kilometres: float | None) -> str:
        """As in "unter 1 km", "3 km", "120 km": rough, as places are."""
        if kilometres is None:
            return ""
        if kilometres < 1:
            return self.catalogue.gettext(N_("under 1 km"))
        whole = round(kilometres)
        if whole >= 100:
            whole = round(kilometres, 1 - int(math.log10(kilometres)))
        return f"{self.number(int(whole))}\u00a0km"


@lru_cache(maxsize=4096)
def _long(locale: str, year: int, month: int, day: int) -> str:
    return format_date(date(year, month, day), "long", locale)


@lru_cache(maxsize=4096)
def _short(locale: str, year: int, month: int, day: int) -> str:
    # No skeleton has weekday, day and short month in both languages' usual order by itself.
    return format_skeleton("MMMEd", date(year, month, day), locale=locale)


@lru_cache(maxsize=2048)
def _relative(locale: str, unit: str, seconds: int, ahead: bool) -> str:
    delta = timedelta(seconds=seconds if ahead else -seconds)
    return format_timedelta(
        delta, granularity="minute", threshold=1, add_direction=True, locale=locale
    )


@lru_cache(maxsize=8192)
def _number(locale: str, value: Decimal) -> str:
    return format_decimal(value, locale=locale, format="#,##0.##")
