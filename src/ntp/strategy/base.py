"""Strategy: the base of everything that trades."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from ntp.core import Absent, StrategyError, defines_process
from ntp.strategy.callbacks import Callbacks
from ntp.strategy.calls import BOUND_CALLS, Calls
from ntp.strategy.declaration import Declaration
from ntp.strategy.params import Param, Parameter, Value, declared_parameters, resolve_parameters
from ntp.strategy.port import ContractLike
from ntp.strategy.pricing_options import Pricing
from ntp.strategy.signal import Signal, yes_terms
from ntp.strategy.signals import signal_of
from ntp.strategy.sizing import affordable, bracket_contracts, kelly_contracts, unit_cost
from ntp.strategy.validation import validate_class

_CONSTANT = frozenset({bool, float, int, str, type(None)})
"""Types whose values need no copy."""


class Strategy(Calls, Callbacks):
    """Base of strategies: subclass it and define `analyze` or callbacks.

    One object serves all contracts: what belongs to a contract lives in ``data.state``, the rest on
    ``self``, set in `on_start`. Prices are dollars of YES, sizes contracts, money dollars.

    Parameters
    ----------
    **parameters
        Values of declared parameters by name.

    Raises
    ------
    ConfigError
        ``unknown_parameter`` or ``bad_parameter``.

    Examples
    --------
    >>> class Cheap(Strategy):
    ...     below: float = Param(0.10, ge=0, le=1)
    ...     def analyze(self, data):
    ...         if data.ask < self.below:
    ...             return Signal("BUY", size=1)
    >>> Cheap(below=0.05).below
    0.05
    """

    version: ClassVar[str] = "0"
    universe: ClassVar[str | tuple[str, ...]] = "*"
    watch: ClassVar[str | tuple[str, ...]] = ()
    inputs: ClassVar[dict[str, str]] = {}
    wake: ClassVar[str | tuple[str, ...]] = "best"
    warmup: Any = 0
    pricing: ClassVar[Pricing] = Pricing()
    short: ClassVar[bool] = True
    independent: ClassVar[bool] = False
    frame_by: ClassVar[str] = "contract"
    compiled: ClassVar[bool] = False
    assets: ClassVar[tuple[str, ...]] = ()
    _parameters: ClassVar[dict[str, Parameter]] = {}
    _declaration: ClassVar[Declaration | None] = None

    position_size: float = Param(
        0.05, gt=0, le=1, sweep=(0.01, 0.20), live=True, unit="of equity",
        help="fraction of equity that a signal without a size commits",
    )
    max_position: float | None = Param(
        None, ge=0, live=True, unit="contracts", help="largest position in one contract, either way",
    )
    stop_loss: float | None = Param(
        None, gt=0, live=True, unit="of cost",
        help="loss, as a fraction of the position's cost, that closes it",
    )
    take_profit: float | None = Param(
        None, gt=0, live=True, unit="of cost",
        help="profit, as a fraction of the position's cost, that closes it",
    )

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        inherited: dict[str, Parameter] = {}
        for base in reversed(cls.__mro__[1:]):
            # Only what a base says itself: a second base must not bring back the defaults they both come from.
            known = vars(base).get("_parameters", {})
            inherited |= {name: parameter for name, parameter in known.items() if name in vars(base)}
        cls._parameters = declared_parameters(cls, inherited)
        if defines_process(cls) and cls.analyze is Callbacks.analyze:
            cls.analyze = _analyze_by_process  # type: ignore[method-assign]
        validate_class(cls)

    def __new__(cls, *_: Any, **__: Any) -> "Strategy":  # noqa: D102 - described by the class
        missing = sorted(getattr(cls, "__abstractmethods__", ()))
        if missing:
            raise StrategyError(
                f"expected {cls.__name__} to define {', '.join(missing)}, was without",
                code="abstract_strategy",
            )
        strategy = super().__new__(cls)
        # Set here, not in __init__, so that they are there even if a subclass forgets super().__init__.
        strategy.__dict__.update({name: parameter.default for name, parameter in cls._parameters.items()})
        return strategy

    def __init__(self, **parameters: Any) -> None:
        self.__dict__.update(resolve_parameters(self, parameters))

    def __repr__(self) -> str:
        changed = [
            f"{name}={self.__dict__[name]!r}" for name, parameter in self._parameters.items()
            if self.__dict__[name] != parameter.default
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    def parameters(self) -> dict[str, Value]:
        """Present value of every parameter by name."""
        return {name: getattr(self, name) for name in self._parameters}

    def copy(self, **parameters: Any) -> "Strategy":
        """Make an independent copy outside any run, with other parameter values where named.

        Raises
        ------
        ConfigError
            If a parameter is unknown or its value not allowed.
        StrategyError
            ``not_copyable`` if an attribute cannot be copied.
        """
        changed = resolve_parameters(self, parameters)
        twin = type(self).__new__(type(self))
        bound = {"_runtime", *BOUND_CALLS}
        own = {key: value for key, value in self.__dict__.items() if key not in bound}
        twin.__dict__.update(own)
        rest = {key: value for key, value in own.items() if type(value) not in _CONSTANT}
        try:
            twin.__dict__.update(copy.deepcopy(rest))
        except Exception as error:  # deepcopy runs arbitrary code of what people put on a strategy
            raise StrategyError(
                f"expected every attribute of {type(self).__name__} to be copyable, was {error}",
                code="not_copyable", hint="create it in on_start",
            ) from error
        twin.__dict__.update(changed)
        return twin

    def generate_signal(self, analysis: Any) -> Signal | list[Signal] | None:
        """Turn what `analyze` returned into signals.

        By default a number is its sign (BUY, SELL, CLOSE at 0) and a text the name of an action.

        Raises
        ------
        StrategyError
            ``bad_signal`` if it is neither.
        """
        return signal_of(analysis)

    def calculate_position_size(self, signal: Signal) -> float:
        """Contracts of a signal that states no size.

        By default ``position_size * confidence * equity / cost``, where a BUY costs the price and a
        SELL one dollar less the price; the price is the signal's or the touch.
        """
        side = signal.side
        if side not in ("BUY", "SELL"):
            return 0.0
        price, is_asset = self._priced(signal.contract, signal.yes_price, side)
        usd = self.position_size * signal.confidence * max(self.equity, 0.0)
        return self._scaled(affordable(usd, unit_cost(price, side, is_asset=is_asset)))

    def kelly_sizing(
        self, p: float | Signal, price: float | None = None, side: str = "BUY", *, fraction: float = 0.25
    ) -> float:
        """Contracts of a fractional Kelly stake on the contract of the call, 0 without an edge after fees.

        Parameters
        ----------
        p : float or Signal
            P(YES); of a signal its `fair`, else its confidence that the side it takes pays. A signal
            states contract and side, and the price unless `price` does.
        price : float, optional
            Dollars of YES; by default the touch.
        side : str
            ``BUY`` for YES, ``SELL`` for NO.
        fraction : float
            Share of the full Kelly stake.
        """
        contract: ContractLike | None = None
        if isinstance(p, Signal):
            contract, side = p.contract, p.side
            price = p.yes_price if price is None else price
            p = p.probability
        else:
            side, _ = yes_terms(side, None, "YES")
        if side not in ("BUY", "SELL"):
            return 0.0
        price, is_asset = self._priced(contract, price, side)
        if is_asset:
            raise StrategyError("expected a contract for kelly_sizing, was an asset", code="bad_size")
        fee = self._port("kelly_sizing").fee_per_contract(contract, price, side)
        return self._scaled(kelly_contracts(p, price, side, fee, self.equity, fraction))

    def contracts(self, usd: float, price: float | None = None, side: str = "BUY") -> float:
        """Contracts that an amount of dollars buys on the contract of the call, fee included.

        Parameters
        ----------
        usd : float
            Dollars to commit.
        price : float, optional
            Dollars of YES; by default the touch.
        side : str
            ``BUY`` for YES, ``SELL`` for NO.
        """
        side, _ = yes_terms(side, None, "YES")
        price, is_asset = self._priced(None, price, side)
        fee = self._port("contracts").fee_per_contract(None, price, side)
        return affordable(usd, unit_cost(price, side, is_asset=is_asset), fee)

    def bracket_sizing(
        self, probabilities: Mapping[ContractLike, float], *, fraction: float = 0.25
    ) -> dict[ContractLike, float]:
        """Contracts of fractional Kelly stakes on YES of several exclusive contracts of an event, together.

        Costs are the touch and the fee of a passive order; a contract without a bid gets nothing. See
        :func:`ntp.statistics.bracket_stakes`.

        Parameters
        ----------
        probabilities : Mapping
            P(YES) by contract, together at most 1; what is missing to 1 is that none of them pays.
        fraction : float
            Share of the full Kelly stakes.

        Raises
        ------
        StrategyError
            ``bad_size`` if the contracts are not of one event, the probabilities cannot be, or `fraction` is
            negative.
        """
        views = {contract: self.market(contract) for contract in probabilities}
        events = sorted({view.contract.event for view in views.values()})
        if len(events) > 1:
            raise StrategyError(f"expected contracts of one event, was {', '.join(events)}", code="bad_size")
        costs: dict[ContractLike, float] = {}
        for contract, view in views.items():
            try:
                price = view.touch("BUY")
            except Absent:
                continue
            costs[contract] = price + self._port("bracket_sizing").fee_per_contract(contract, price, "BUY")
        found = bracket_contracts(probabilities, costs, self.equity, fraction)
        return {contract: self._scaled(size) for contract, size in found.items()}

    def _scaled(self, size: float) -> float:
        """Size after what predicted edges earned so far, see :func:`ntp.pricing.edge.size_factor`."""
        return self._port("size").size_factor * size

    def _priced(self, contract: ContractLike | None, price: float | None, side: str) -> tuple[float, bool]:
        view = self.market(contract)
        return (float(view.touch(side)) if price is None else price), bool(view.contract.is_asset)


Strategy._parameters = declared_parameters(Strategy, {})  # noqa: SLF001 - __init_subclass__ skips the base


class BaseStrategy(Strategy):
    """Strategy with `calculate_signal`, which `analyze` acts on where only that is defined."""

    def calculate_signal(self, data: Any) -> Any:
        """State what is wanted of a contract; by default its fair value, for use in `analyze`."""
        return data.fair_value()

    def __init_subclass__(cls, **options: Any) -> None:
        # The default is a price, not a wish: only a signal somebody defined may trade by itself.
        defined = cls.calculate_signal is not BaseStrategy.calculate_signal
        if defined and cls.analyze is Callbacks.analyze:
            cls.analyze = _analyze_by_signal  # type: ignore[method-assign,assignment]
        super().__init_subclass__(**options)


def _analyze_by_signal(self: BaseStrategy, data: Any) -> Any:
    """Return what `calculate_signal` says."""
    return self.calculate_signal(data)


def _analyze_by_process(self: Any, data: Any) -> Any:
    """Return what `process` says."""
    return self.process(data)


class CustomStrategy(Strategy, ABC):
    """Strategy that states all three steps: analysis, signal and size."""

    @abstractmethod
    def analyze(self, data: Any) -> Any:
        """Look at one contract at a wake."""

    @abstractmethod
    def generate_signal(self, analysis: Any) -> Signal | list[Signal] | None:
        """Turn an analysis into signals."""

    @abstractmethod
    def calculate_position_size(self, signal: Signal) -> float:
        """Contracts of a signal."""
