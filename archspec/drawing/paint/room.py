"""Room for labels: what a text of a given place would lie on."""

from __future__ import annotations

from itertools import pairwise

from archspec.drawing.layout.placed import Place, Placed

_BAND = 40.0  # points of height that are looked through together


class Room:
    """Everything that is drawn of a scene, by height."""

    def __init__(self, placed: Placed):
        self._bands: dict[int, list[tuple[Place, int]]] = {}
        for place in placed.boxes.values():
            self._add(place, -1)
        for number, route in enumerate(placed.routes):
            for (x1, y1), (x2, y2) in pairwise(route.points):
                piece = Place(min(x1, x2), min(y1, y2), abs(x1 - x2), abs(y1 - y2))
                self._add(piece, number)

    def _add(self, place: Place, route: int) -> None:
        for band in range(int(place.y // _BAND), int(place.bottom // _BAND) + 1):
            self._bands.setdefault(band, []).append((place, route))

    def take(self, zone: Place, route: int) -> bool:
        """Whether nothing is in the zone but the route's own line; the zone is taken then."""
        if zone.x < 0:
            return False
        for band in range(int(zone.y // _BAND), int(zone.bottom // _BAND) + 1):
            for place, other in self._bands.get(band, ()):
                if (
                    other != route
                    and place.x <= zone.right
                    and place.right >= zone.x
                    and place.y < zone.bottom
                    and place.bottom > zone.y
                ):
                    return False
        self._add(zone, -1)
        return True
