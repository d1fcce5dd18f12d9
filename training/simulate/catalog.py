"""What the simulated firm sells, to whom and through whom: the levels and their numbers."""

from dataclasses import dataclass

FLOOR_RUB = 5000.0  # 500 000 RUB of overhead a month over 100 concluded deals
STEAM_LIMIT_TPH = 3.0
TURNOVER_LIMIT_RUB = 1e9


@dataclass(frozen=True, slots=True)
class Industry:
    """An industry: its code, its spelling in the export, and how its companies differ.

    `size` shifts the company's size, `steam` its steam use, both in natural log.
    """

    code: str
    text: str
    target: bool
    weight: float
    size: float
    steam: float


@dataclass(frozen=True, slots=True)
class Category:
    """A product category: typical amount in RUB, margin, and how its deals behave.

    `drift` is the change a year of the log of its share of requests.
    """

    code: str
    text: str
    supplied: bool
    weight: float
    amount_rub: float
    margin: float
    drift: float


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request came from, and what that adds to the log-odds of winning."""

    code: str
    weight: float
    effect: float
    effect_a_year: float


@dataclass(frozen=True, slots=True)
class Region:
    """A region and its share of the clients."""

    code: str
    weight: float


INDUSTRIES = (
    Industry("dairy", "молочная промышленность", True, 14, 0.3, 0.3),
    Industry("meat", "мясопереработка", True, 10, 0.2, 0.0),
    Industry("brewing", "пивоварение", True, 7, 0.4, 0.3),
    Industry("bakery", "хлебопечение", True, 9, -0.2, -0.3),
    Industry("chemicals", "химическая промышленность", True, 10, 0.6, 0.4),
    Industry("pharma", "фармацевтика", True, 6, 0.5, -0.1),
    Industry("oil_gas", "нефтегазовая отрасль", True, 6, 1.0, 0.5),
    Industry("pulp_paper", "целлюлозно-бумажная промышленность", True, 5, 0.7, 0.8),
    Industry("textile", "текстильная промышленность", True, 5, -0.2, 0.1),
    Industry("building_materials", "стройматериалы", True, 7, 0.2, 0.2),
    Industry("retail", "розничная торговля", False, 5, 0.3, -1.2),
    Industry("services", "услуги", False, 5, -0.5, -0.9),
    Industry("housing", "ЖКХ", False, 7, -0.1, 0.3),
    Industry("agriculture", "сельское хозяйство", False, 6, -0.1, -0.3),
    Industry("education", "образование", False, 3, -0.6, -0.9),
)
UNMAPPED_INDUSTRIES = ("производство", "прочее", "см. комментарий", "холдинг")

CATEGORIES = (
    Category("steam_boiler", "паровой котёл", True, 8, 250_000, 0.13, -0.12),
    Category("steam_trap", "конденсатоотводчик", True, 20, 15_000, 0.31, 0.06),
    Category("valve", "запорная арматура", True, 17, 25_000, 0.25, 0.02),
    Category("control_valve", "регулирующий клапан", True, 10, 56_000, 0.27, 0.05),
    Category("heat_exchanger", "теплообменник", True, 9, 86_000, 0.20, 0.0),
    Category("steam_meter", "пароучёт", True, 7, 74_000, 0.24, 0.12),
    Category("pump", "конденсатный насос", True, 8, 46_000, 0.22, 0.0),
    Category("service", "сервис и монтаж", True, 9, 18_000, 0.34, 0.08),
    Category("water_filter", "водоподготовка", False, 5, 45_000, 0.15, 0.0),
    Category("electric_boiler", "электрокотёл", False, 4, 60_000, 0.13, 0.1),
    Category("pipes", "трубы и фитинги", False, 5, 11_000, 0.14, -0.1),
)

SOURCES = (
    Source("site", 36, -0.35, 0.08),
    Source("referral", 14, 0.75, 0.0),
    Source("exhibition", 12, 0.1, 0.0),
    Source("cold_call", 22, -0.75, -0.08),
    Source("tender", 16, -0.5, 0.0),
    Source("repeat", 0, 0.55, 0.0),  # only customers come back
)
REPEAT_SHARE = 0.6  # of the requests of existing customers

FUNNELS = ("main", "service")
REGIONS = (
    Region("RU-MOW", 26),
    Region("RU-SPE", 14),
    Region("RU-SVE", 12),
    Region("RU-NVS", 11),
    Region("RU-TA", 10),
    Region("RU-KDA", 10),
    Region("RU-SAM", 9),
    Region("RU-PER", 8),
)

# Pairs that know each other's trade: (industry, category) -> log-odds of winning.
AFFINITIES = {
    ("dairy", "steam_trap"): 1.0,
    ("chemicals", "valve"): 1.0,
    ("bakery", "steam_trap"): -1.2,
    ("oil_gas", "service"): -1.2,
}

# What steam use adds to the log-odds, by category (0 where steam does not matter).
STEAM_EFFECTS = {
    "steam_boiler": 1.5,
    "steam_trap": 0.9,
    "control_valve": 0.5,
    "steam_meter": 1.6,
    "heat_exchanger": 0.3,
    "pump": 0.6,
}

SELLERS = 12
OPTIMISM_MAX = 0.4  # the worst seller promises 40 % more profit than amount less cost
USUAL_OPTIMISM = 0.2
