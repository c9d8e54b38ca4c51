"""Sunrise and sunset of a place. Imported by the first schedule that goes by the sun.

The sun rises and sets where its centre is 90.833 degrees from the zenith: 34 minutes of arc are the
refraction of the air at the horizon, 16 the radius of the disc. Two figures of a moment give the rest. The
declination, how far the sun is north of the equator, gives the length of the day; the equation of time, by
how much a sundial is ahead of a clock, gives its middle. Both change during the day, so an event is computed
for noon first, and then for the moment that was found.

Within two minutes of the almanacs, from 1950 to 2100. Mountains and the height of the place are left out.
 Source: the equations of NOAA's Solar Calculator, https://gml.noaa.gov/grad/solcalc/calcdetails.html,
which are those of Jean Meeus, Astronomical Algorithms.

    >>> import time
    >>> greenwich = 51.48, 0.0
    >>> noon = 1_803_470_400.0  # 2027-02-24T12:00:00Z
    >>> [time.strftime("%H:%M", time.gmtime(moment_of(name, noon, *greenwich))) for name in EVENTS]
    ['06:56', '17:30']
"""

from __future__ import annotations

from functools import lru_cache
from math import acos, asin, cos, degrees, floor, pi, radians, sin, tan

#: Name: its side of noon.
EVENTS = {"sunrise": -1, "sunset": 1}

#: Seconds since 1970 of noon on 2000-01-01, from which the equations count.
_EPOCH = 946_728_000.0
_DAY = 86_400.0
_CENTURY = 36_525 * _DAY

#: Degrees between zenith and the sun's centre at both events.
_HORIZON = 90.833

#: How often an event is computed from the moment that was found before.
_ROUNDS = 3


@lru_cache(maxsize=32)
def moment_of(event: str, noon: float, latitude: float, longitude: float) -> float | None:
    """Return when the sun rises or sets, in seconds since 1970, to the second.

    `event` is a key of `EVENTS`; `noon` is a moment about the middle of the day, such as 12:00 by the clock;
    north and east are positive degrees. None where the sun stays above or below the horizon on that day. The
    last results are kept: schedules ask for the same few days every ten seconds.
    """
    moment = middle = _middle(noon, noon, longitude)
    for _ in range(_ROUNDS):
        cosine = _hour_angle(moment, latitude)
        # Beyond 1: no event with the declination of this moment. That of midnight, or noon, may have one.
        half = acos(min(max(cosine, -1.0), 1.0)) / (2 * pi) * _DAY
        moment = _middle(moment, middle, longitude) + EVENTS[event] * half
    return float(round(moment)) if -1 < cosine < 1 else None


def _middle(moment: float, noon: float, longitude: float) -> float:
    """Return when the sun is highest, on the day whose such moment is nearest to `noon`.

    The equation of time is that of `moment`.
    """
    passed = (noon - _EPOCH) / _DAY
    # days since the epoch at which the sun passes the meridian are whole numbers and this share
    share = -longitude / 360 - _sun(moment)[1] / _DAY
    return _EPOCH + (floor(passed - share + 0.5) + share) * _DAY


def _hour_angle(moment: float, latitude: float) -> float:
    """Return the cosine of the angle that the earth turns from sunrise to noon.

    It is that of the declination at `moment`; above 1 in polar night, below -1 in polar day.
    """
    declination = _sun(moment)[0]
    # at a pole a day has no noon
    north = radians(min(max(latitude, -89.999), 89.999))
    return cos(radians(_HORIZON)) / (cos(north) * cos(declination)) - tan(north) * tan(declination)


def _sun(moment: float) -> tuple[float, float]:
    """Return the declination in radians and the equation of time in seconds."""
    t = (moment - _EPOCH) / _CENTURY
    # degrees: the mean sun on the ecliptic, and how far the earth is past its perihelion
    mean = 280.46646 + t * (36_000.76983 + t * 0.0003032)
    anomaly = radians(357.52911 + t * (35_999.05029 - t * 0.0001537))
    eccentricity = 0.016708634 - t * (0.000042037 + t * 0.0000001267)
    centre = (
        sin(anomaly) * (1.914602 - t * (0.004817 + t * 0.000014))
        + sin(2 * anomaly) * (0.019993 - t * 0.000101)
        + sin(3 * anomaly) * 0.000289
    )
    node = radians(125.04 - 1934.136 * t)
    longitude = radians(mean + centre - 0.00569 - 0.00478 * sin(node))
    obliquity = radians(23.4392911 - t * (0.0130042 + t * (0.00000016 - t * 0.0000005)) + 0.00256 * cos(node))
    declination = asin(sin(obliquity) * sin(longitude))
    tilt = tan(obliquity / 2) ** 2
    double = radians(2 * mean)
    equation = (
        tilt * sin(double)
        - 2 * eccentricity * sin(anomaly)
        + 4 * eccentricity * tilt * sin(anomaly) * cos(double)
        - tilt**2 / 2 * sin(2 * double)
        - 1.25 * eccentricity**2 * sin(2 * anomaly)
    )
    return declination, degrees(equation) * 240
