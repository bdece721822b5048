"""How far each channel is believed, how evidence ages, and how much of it is enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.errors import InvalidInputError
from customer_identification.models import ObservationChannel
from customer_identification.options import number, number_field, whole, whole_field


__all__ = ["RELIABILITY", "NeedsPolicy"]

# How far each channel is believed, 0 to 1. All numbers are our choice.
RELIABILITY: tuple[tuple[str, float], ...] = (
    ("survey_mail", 1.0),  # the same question, put to chosen people
    ("survey_phone", 0.9),  # people are kinder to a voice
    ("survey_web", 0.9),  # whoever likes to answer does
    ("suggestion_box", 0.6),  # only those who have something to say, unasked
    ("meeting", 1.0),  # the customer, face to face, at length
    ("representative", 0.7),  # second hand: what the representative took away
    ("interest_group", 0.8),  # one member sways the others
    ("database_analysis", 0.7),  # inferred from what was done, not said
    ("market_research", 0.9),  # by the trade, but of a sample that others drew
    ("social_media", 0.5),  # loud, unasked, and perhaps no customer of ours
    ("public_records", 0.4),  # of people like them, not of them
    ("third_party", 0.4),  # passed on, and nobody here saw it gathered
    ("competitor_offer", 0.3),  # what a competitor believes that they want
)


def _as_pairs(value: Any) -> Any:
    """Give the trust in every channel, in the order of the channels."""
    try:
        given = dict(value.items() if isinstance(value, Mapping) else value)
    except (TypeError, ValueError):
        given = {"": 0}
    if strange := [one for one in given if one not in set(ObservationChannel)]:
        raise InvalidInputError(
            f"reliability must go by {', '.join(ObservationChannel)}; "
            f"{len(strange)} of its keys are none of these",
            code="unknown_word",
            column="reliability",
        )
    return tuple(
        (one.value, number("reliability", given.get(one.value, usual), 0, 1))
        for one, (_, usual) in zip(ObservationChannel, RELIABILITY, strict=True)
    )


def _check_method(_: object, attribute: Any, value: object) -> None:
    if value not in ("correlation", "relative_weights"):
        raise InvalidInputError(
            f'{attribute.name} must be "correlation" or "relative_weights"',
            code="bad_option",
        )


def _check_above_0(name: str, value: float, high: float) -> None:
    if number(name, value, 0, high) == 0:
        raise InvalidInputError(f"{name} must be above 0", code="bad_option")


def _check_half_life(_: object, attribute: Any, value: Any) -> None:
    if value is not None:
        _check_above_0(attribute.name, value, np.inf)


def _check_threshold(_: object, attribute: Any, value: Any) -> None:
    if value is not None:
        _check_above_0(attribute.name, value, 1)


def _check_confidence(_: object, attribute: Any, value: Any) -> None:
    _check_above_0(attribute.name, value, 1)
    if value == 1:
        raise InvalidInputError(f"{attribute.name} must be below 1", code="bad_option")


def _check_draws(_: object, attribute: Any, value: Any) -> None:
    whole(attribute.name, value, 1, 100_000)


@frozen(kw_only=True)
class NeedsPolicy:
    """How evidence of needs is weighed, and how much of it is enough.

    Attributes
    ----------
    reliability : tuple of (str, float)
        By channel how far it is believed, 0 to 1; a mapping will do, and channels that
        it leaves out keep the usual number of :data:`RELIABILITY`, our choice.
    half_life_days : float or None
        After which evidence counts half; 365 is our choice, None lets nothing fade.
        [days]
    min_effective : float
        Least effective number of respondents, ``sum(w)**2 / sum(w**2)`` (Kish 1965,
        Survey Sampling, section 11.7), to speak of everybody or of a group; 10 is our
        choice. [respondents]
    min_pairs : int
        Least respondents who rated both a topic and the whole, for derived importance;
        30 is our choice. [respondents]
    min_weight : float
        Least weight, reliability times decay, of what one customer said, to speak of
        that customer; 0.1 is our choice: a survey of three years ago.
    high_from : float or None
        None takes means; a number takes the share of respondents who rate that high,
        as Ulwick does: 0.75 is 4 or 5 of 1 to 5 (Ulwick 2005, What Customers Want,
        chapter 3).
    derived_by : {"correlation", "relative_weights"}
        How importance is derived where only satisfaction was asked; see
        :func:`~customer_identification.needs.rank.rank_needs`.
    n_bootstrap : int
        Samples drawn for intervals; 1,000 is our choice.
    confidence : float
        Share of samples within an interval, between 0 and 1.

    Raises
    ------
    InvalidInputError
        If a number is out of range, or a channel or method is unknown.

    Examples
    --------
    >>> policy = NeedsPolicy(reliability={"social_media": 0.2}, half_life_days=100)
    >>> policy.weights(["social_media", "meeting"], [0, 200])
    array([0.2 , 0.25])
    """

    reliability: tuple[tuple[str, float], ...] = field(
        default=RELIABILITY, converter=_as_pairs, repr=False
    )
    half_life_days: float | None = field(default=365.0, validator=_check_half_life)
    min_effective: float = number_field(10.0, 1)
    min_pairs: int = whole_field(30, 3)
    min_weight: float = number_field(0.1, 0, 1)
    high_from: float | None = field(default=None, validator=_check_threshold)
    derived_by: Literal["correlation", "relative_weights"] = field(
        default="correlation", validator=_check_method
    )
    n_bootstrap: int = field(default=1000, validator=_check_draws)
    confidence: float = field(default=0.95, validator=_check_confidence)

    def weights(
        self, channels: Iterable[str], ages: Iterable[float]
    ) -> NDArray[np.float64]:
        """Give the weight of evidence: reliability, halved for every half-life of age.

        Parameters
        ----------
        channels : iterable of str, length n
            Words of :class:`~customer_identification.ObservationChannel`.
        ages : iterable of float, length n
            Not below 0. [days]

        Returns
        -------
        ndarray of float, shape (n,)
            0 to 1.

        Raises
        ------
        InvalidInputError
            If a channel is unknown.
        """
        words = list(ObservationChannel)
        codes = [words.index(ObservationChannel(one)) for one in channels]
        return self.weights_of(np.array(codes, np.intp), np.array([*ages]))

    def weights_of(
        self, codes: NDArray[Any], ages: NDArray[Any]
    ) -> NDArray[np.float64]:
        """Give the weights of channels named by their place in the list of all."""
        every = np.array([share for _, share in self.reliability], dtype=np.float64)
        trust: NDArray[np.float64] = every[codes]
        if self.half_life_days is None:
            return trust
        return np.asarray(trust * np.exp2(-ages / self.half_life_days))
