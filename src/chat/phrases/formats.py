"""Numbers, dates, units and lists as each language writes them (CLDR, through Babel)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal

from src.language.language import Language

# Day before month in English too, as everywhere else in the product.
_LOCALES = {Language.EN: "en_GB", Language.DE: "de", Language.ES: "es", Language.NB: "nb"}
_DAY = {
    Language.EN: "EEEE, d MMMM",
    Language.DE: "EEEE, d. MMMM",
    Language.ES: "EEEE d 'de' MMMM",
    Language.NB: "EEEE d. MMMM",
}
_YEAR = {Language.EN: " y", Language.DE: " y", Language.ES: " 'de' y", Language.NB: " y"}
_SPANISH_E = ("i", "hi", "y")


def locale_of(language: Language) -> Locale:
    """Whose rules the language's numbers and dates follow."""
    return Locale.parse(_LOCALES[language])


def number(value: float | Decimal, language: Language, decimals: int = 2) -> str:
    """A number with at most so many decimals: 1,234.5 or 1.234,5."""
    return format_decimal(Decimal(str(value)), f"#,##0.{'#' * decimals}", locale_of(language))


def quantity(value: float | Decimal, unit: str, language: Language, decimals: int = 2) -> str:
    """A number with its unit, which does not break from it: 102.5 kg."""
    return f"{number(value, language, decimals)}\N{NO-BREAK SPACE}{unit}"


def duration(seconds: float, language: Language) -> str:
    """45 s, 12 min, 1 h 5 min: the same in all four languages."""
    whole = round(seconds)
    if whole < 120:
        return quantity(whole, "s", language)
    minutes = round(whole / 60)
    hours, rest = divmod(minutes, 60)
    parts = [quantity(hours, "h", language)] * (hours > 0) + [quantity(rest, "min", language)] * (rest > 0)
    return " ".join(parts)


def exact_duration(seconds: int, language: Language) -> str:
    """1 h 5 min 12 s: nothing is rounded, for what is compared to the second."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(quantity(value, unit, language) for value, unit in parts if value) or quantity(0, "s", language)


def day(on: date, language: Language, today: date) -> str:
    """A date as people write it: the weekday, and the year only where it is another one."""
    pattern = _DAY[language] + (_YEAR[language] if on.year != today.year else "")
    return format_date(on, pattern, locale_of(language))


def month(on: date, language: Language) -> str:
    """November 2026, noviembre de 2026."""
    return format_date(on, "MMMM" + _YEAR[language], locale_of(language))


def weekday(number_of_day: int, language: Language) -> str:
    """The name of a weekday; 1 is Monday."""
    return str(get_day_names("wide", "format", locale_of(language))[number_of_day - 1])


def listed(items: Sequence[str], language: Language) -> str:
    """Items joined as in a sentence: a, b and c."""
    if language is Language.ES and len(items) > 1 and _begins_with_i(items[-1]):
        # Spanish says "e" for "and" before the sound of i; CLDR leaves it to the program.
        return f"{', '.join(items[:-1])} e {items[-1]}"
    return format_list(list(items), locale=locale_of(language))


def _begins_with_i(word: str) -> bool:
    folded = word.casefold()
    return folded.startswith(_SPANISH_E) and not folded.startswith(("hie", "ya", "ye", "yo", "yu"))
