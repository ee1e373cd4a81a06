"""Categories of contracts: what the venue says, else what the name of a Kalshi series says."""

import re
from typing import Final

from ntp.markets.instrument import Instrument

UNKNOWN: Final = "unknown"

_SERIES: Final = (
    ("crypto", r"BTC|ETH|SOL|XRP|DOGE|CRYPTO|COIN"),
    ("weather", r"HIGH|LOW|RAIN|SNOW|TEMP|HURR|TORNADO|WEATHER|ARCTIC"),
    ("sports", r"NFL|NBA|MLB|NHL|NCAA|WNBA|UFC|EPL|UCL|ATP|WTA|PGA|GOLF|F1RACE|SOCCER|SERIEA|LALIGA|BUNDES|MLS|TENNIS"
               r"|BOX|MVE|NASCAR|IPL|T20|FIFA|CFB|CBB|HEISMAN|ESPORTS|CSGO"),
    ("finance", r"INX|NASDAQ|SPX|SP500|NDX|DOW|USDJPY|EURUSD|GBPUSD|WTI|OIL|GOLD|TNOTE|10Y|30Y|IPO|STOCK"),
    ("economics", r"FED|CPI|GDP|PAYROLL|JOBS|UNRATE|U3|PCE|RECESSION|RATECUT|PPI|AAAGAS|GAS|MORTGAGE|HOUSING"),
    ("mentions", r"MENTION|SAY|SPEECH"),
    ("politics", r"PRES|SENATE|HOUSE|GOV|TRUMP|BIDEN|POPVOTE|ELECTION|CABINET|SCOTUS|APPROVE|APRPOTUS|CONGRESS"
                 r"|MAYOR|NOM|538|RCP|IMPEACH|SHUTDOWN"),
    ("entertainment", r"OSCAR|GRAMMY|EMMY|BOXOFFICE|SPOTIFY|NETFLIX|BILLBOARD|SONG|ALBUM|MOVIE|GAMEAWARDS"),
    ("science", r"SPACEX|NASA|LAUNCH|STARSHIP|LLM|COVID|FLU|MEASLES|QUAKE"),
)  # fmt: skip
_RULES: Final = tuple(
    # a mention of a thing is a market of words, so it is asked first
    (category, re.compile(rf"(?:KX)?(?:{names})"), category == "mentions")
    for category, names in sorted(_SERIES, key=lambda pair: pair[0] != "mentions")
)


def category_of(instrument: Instrument) -> str:
    """Tell the category of a contract.

    The venue's own word wins. Archives of Kalshi do not keep it; there the name of the series
    decides, by its beginning (mention markets by any part of it), and ``unknown`` is the answer where
    it says nothing.
    """
    if instrument.category:
        return instrument.category.lower()
    if instrument.venue != "kalshi":
        return UNKNOWN
    name = (instrument.series or instrument.symbol.split("-")[0]).upper()
    for category, rule, anywhere in _RULES:
        if rule.search(name) if anywhere else rule.match(name):
            return category
    return UNKNOWN
