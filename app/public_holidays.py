"""Public holidays by country, from the library `holidays`; the rules that use them know them as data only."""

from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from types import ModuleType

from domain.calendar import HolidayRegion, Holidays, HolidayYear

ENGLISH = "en_US"


class _Library:
    def regions(self) -> Mapping[str, Collection[str]]:
        return _regions()

    def of(self, region: HolidayRegion, year: int) -> HolidayYear:
        return _year(region, year)


@cache
def _library() -> ModuleType:
    import holidays  # noqa: PLC0415 - several megabytes, which most firms do without until they set a region

    return holidays


@cache
def _regions() -> dict[str, list[str]]:
    return {
        country: list(parts) for country, parts in _library().list_supported_countries(include_aliases=False).items()
    }


def _language(country: str) -> str | None:
    """One for everybody, wherever the service runs: English, else the country's own."""
    return ENGLISH if ENGLISH in _library().list_localized_countries(include_aliases=False).get(country, ()) else None


@lru_cache(maxsize=10_000)
def _year(region: HolidayRegion, year: int) -> HolidayYear:
    """Countries of which a year is not known have no holidays in it; so has a region that a later library dropped."""
    if region.subdivision not in {None, *_regions().get(region.country, ())} or region.country not in _regions():
        return HolidayYear()
    found = _library().country_holidays(
        region.country, subdiv=region.subdivision, years=year, language=_language(region.country)
    )
    days_off = {day: name for day, name in found.items() if day.year == year}
    return HolidayYear(days_off, frozenset(day for day in found.weekend_workdays if day.year == year))


LIBRARY: Holidays = _Library()
