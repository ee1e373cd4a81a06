"""What a strategy may define; every method here does nothing until it is overridden."""

from typing import Any, Final

from ntp.strategy.objects import Contract, Fill, Forecast, Game, Order, Settlement, Timer, Value

MARKET_CALLBACKS: Final = ("on_quote", "on_book", "on_trade", "on_bar")
"""Callbacks given the view of one contract."""
INPUT_CALLBACKS: Final = ("on_index", "on_forecast", "on_game", "on_custom")
"""Callbacks given a value of an input."""
CALLBACKS: Final = (
    "analyze", *MARKET_CALLBACKS, *INPUT_CALLBACKS, "on_timer", "on_fill", "on_start", "on_stop", "on_order",
    "on_lifecycle", "on_settlement", "signals",
)
"""Methods the runtime calls if a strategy defines them."""
HOOKS: Final = (
    "generate_signal", "calculate_position_size", "calculate_signal", "select", "on_save", "on_load",
)
"""Methods a strategy may replace to change how it works."""
ARGUMENTS: Final[dict[str, int]] = {
    **dict.fromkeys((*CALLBACKS, *HOOKS), 1), "on_start": 0, "on_stop": 0, "on_save": 0, "on_lifecycle": 2,
}
"""Number of arguments each is called with, besides self."""


class Callbacks:
    """Callbacks in the order they run at one moment: those of markets and inputs, then `analyze`."""

    def analyze(self, data: Any) -> Any:
        """Look at one contract at a wake and say what is wanted.

        Parameters
        ----------
        data : view
            The contract at this moment.

        Returns
        -------
        Signal, list, number, str or None
            A signal, several, or anything `generate_signal` understands; None changes nothing.
        """

    def on_quote(self, data: Any) -> None:
        """React to a change of the best bid or ask."""

    def on_book(self, data: Any) -> None:
        """React to a change of any level of the book."""

    def on_trade(self, data: Any) -> None:
        """React to a print, ``data.trade``."""

    def on_bar(self, data: Any) -> None:
        """React to the completion of a bar named in `wake`."""

    def on_index(self, value: Value) -> None:
        """React to a value of an index."""

    def on_forecast(self, forecast: Forecast) -> None:
        """React to a forecast."""

    def on_game(self, game: Game) -> None:
        """React to the state of a game."""

    def on_custom(self, event: Any) -> None:
        """React to a custom event."""

    def on_timer(self, timer: Timer) -> None:
        """React to a ``timer:`` token or ``call_at`` that is due."""

    def on_fill(self, fill: Fill) -> None:
        """React to an execution of an own order."""

    def on_start(self) -> None:
        """Set up state that is not of one contract, as the run begins."""

    def on_stop(self) -> None:
        """Finish, as the run ends."""

    def on_order(self, order: Order) -> None:
        """React to an own order that was accepted, refused, cancelled or has expired."""

    def on_lifecycle(self, contract: Contract, state: str) -> None:
        """React to a contract being opened, halted, closed, determined or voided, or to new `attributes` of it."""

    def on_settlement(self, settlement: Settlement) -> None:
        """React to the settlement of a position."""

    def signals(self, frame: Any) -> Any:
        """Compute the signals of whole columns at once.

        Parameters
        ----------
        frame : polars.DataFrame
            A row per wake of one contract (or event, or of all, see `frame_by`), sorted by `ts`: `ts contract
            event bid ask bid_size ask_size mid spread price volume seconds_to_close spot`, `fair_value` where the
            class sets `pricing`, `open high low close` of the bars named in `wake`, one column per alias of
            `inputs` and per indicator, and custom fields as `x_name`. Absent is null. A row shows what had
            arrived by its `ts`: do not shift.

        Returns
        -------
        polars.DataFrame or polars.LazyFrame
            The same rows in the same order with `signal` (above 0 BUY, below 0 SELL, 0 CLOSE, null nothing, or
            an action's name), `target`, or `quote_bid` and `quote_ask`; and optionally `size`, `limit`,
            `confidence`, `fair`, `match`, `ttl`, `tag`.
        """

    def select(self, contract: Contract) -> bool:
        """Whether a contract that fits `universe` is traded."""
        return True

    def on_save(self) -> dict[str, Any]:
        """State to keep over a restart, as JSON types."""
        return {}

    def on_load(self, state: dict[str, Any]) -> None:
        """Take up what `on_save` gave."""
