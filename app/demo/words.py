"""The words that made-up clients and people are composed of."""

from typing import NamedTuple


class Tongue(NamedTuple):
    """Words of one language; persons and firms are composed of them at random."""

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    firm_heads: tuple[str, ...]
    firm_tails: tuple[str, ...]
    firm_pattern: str
    regions: tuple[str, ...]
    positions: tuple[str, ...]
    phone_prefix: str
    currency: str


RUSSIAN = Tongue(
    first_names=("Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Жанна", "Захар", "Инна", "Кирилл", "Лев", "Майя"),
    last_names=("Лесных", "Черных", "Светлых", "Сухих", "Долгих", "Белых", "Крутых", "Седых", "Тонких", "Вешних"),
    firm_heads=("Северный", "Новый", "Первый", "Уральский", "Быстрый", "Надёжный", "Большой", "Тихий"),
    firm_tails=("Металл", "Станок", "Склад", "Маршрут", "Цех", "Дом", "Контур", "Сервис", "Завод", "Кабель"),
    firm_pattern="ООО «{head} {tail} {number}»",
    regions=("Москва", "Санкт-Петербург", "Свердловская область", "Татарстан", "Новосибирская область"),
    positions=("директор", "главный инженер", "начальник снабжения", "секретарь", "технолог"),
    phone_prefix="+7495000",
    currency="RUB",
)
ENGLISH = Tongue(
    first_names=("Alice", "Brian", "Clara", "David", "Ellen", "Frank", "Grace", "Henry", "Irene", "James", "Karen"),
    last_names=("Ashford", "Brooks", "Carver", "Dalton", "Eastman", "Fielding", "Garner", "Holloway", "Irwin"),
    firm_heads=("Northern", "Blue", "Harbour", "Granite", "Swift", "United", "Silver", "Meadow"),
    firm_tails=("Metals", "Tools", "Storage", "Freight", "Works", "Homes", "Systems", "Supply", "Mills", "Cables"),
    firm_pattern="{head} {tail} {number} Ltd",
    regions=("London", "Scotland", "Wales", "Midlands", "Yorkshire"),
    positions=("director", "chief engineer", "head of purchasing", "secretary", "production planner"),
    phone_prefix="+4420794600",
    currency="GBP",
)
INDUSTRIES = ("metallurgy", "engineering", "construction", "logistics", "food", "retail")
INDUSTRY_WEIGHTS = (30, 22, 18, 12, 10, 8)
SIZES = {"up to 50 employees": 1, "51 to 250": 3, "251 to 1000": 8, "over 1000": 20}
"""What sizes clients have, and how many times as much a firm of that size turns over as one of the first."""
ORIGIN_WEIGHTS = {
    "cold_base": 40,
    "inbound": 15,
    "organic_search": 12,
    "paid_search": 10,
    "referral": 9,
    "exhibition": 6,
    "social": 5,
    "tender": 3,
}
PERSONALITY_TYPES = ("driver", "expressive", "amiable", "analytical")
