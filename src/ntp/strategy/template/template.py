"""Template: a strategy that others are made from, by a description or as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ntp.strategy.base import Strategy

if TYPE_CHECKING:  # a customised strategy is one of these
    from ntp.strategy.indicators import Indicator


class Template(Strategy):
    """A strategy that :meth:`customize` makes others from."""

    @classmethod
    def customize(
        cls, *, indicators: Sequence[str | Indicator] | Mapping[str, str | Indicator] = (),
        entry_conditions: Mapping[str, str | Sequence[str]] | None = None,
        exit_conditions: Mapping[str, str | Sequence[str]] | None = None,
        side: str | None = None, bar: str | None = None, name: str | None = None, **settings: Any,
    ) -> type[Strategy]:
        """Make a strategy of this template with conditions of your own.

        Parameters
        ----------
        indicators : sequence or mapping
            Names of classical or own indicators, or ``Indicator`` objects; of a mapping the keys are what conditions
            call them.
        entry_conditions : mapping, optional
            What to a condition or several, ``{"RSI": "<30", "MACD": "crosses_above 0"}``: all must hold. For
            `momentum` and `mean_reversion` they take the place of the template's own entry and exit; the other
            templates act as they do while they hold, and do not enter while they do not.
        exit_conditions : mapping, optional
            As above, and ``profit``, ``loss`` (``">5%"`` of the position's cost, marked at the exit's touch, before
            fees) and ``held`` (``">10m"``): any one closes the position.
        side : str, optional
            ``BUY`` (default) or ``SELL``: what entries of `momentum` and `mean_reversion` mean.
        bar : str, optional
            Duration of the bars of the template's own indicators and of those given by name, ``"10s"`` unless stated.
            Days of quiet contracts take minutes or hours: every bar of every contract is computed.
        name : str, optional
            What the strategy is called.
        **settings
            New defaults of the template's parameters, or ``universe``, ``inputs``, ``watch``, ``pricing``.

        Returns
        -------
        type
            A strategy class, for ``Backtest`` as any other.

        Raises
        ------
        ConfigError
            ``bad_condition`` or ``unknown_condition`` with a suggestion, ``unknown_parameter``, ``bad_parameter``.
        NotFound
            ``unknown_indicator`` with a suggestion.

        Notes
        -----
        What a condition may name: an indicator (``RSI``, ``MACD.histogram``), a field of ``data`` (``mid``,
        ``spread``, ``spot``), an alias of `inputs`, ``x_name`` of custom fields, ``time_left``. What it says: ``<``
        ``<=`` ``>`` ``>=`` or ``crosses_above``, ``crosses_below``, and a number or another name (``"> MACD.signal"``).
        A value that is absent fulfils nothing.

        Examples
        --------
        >>> from ntp import templates
        >>> Dip = templates["momentum"].customize(
        ...     indicators=["RSI", "MACD"], entry_conditions={"RSI": "<30"}, exit_conditions={"profit": ">5%"},
        ... )
        >>> Dip(size=5).size
        5.0
        """
        from ntp.strategy.template.customize import customized

        return customized(
            cls, indicators=indicators, entry_conditions=entry_conditions or {}, exit_conditions=exit_conditions or {},
            side=side, bar=bar, name=name, settings=settings,
        )
