"""Reads an engine's options map strictly: every value is checked, and errors name the key and what it must be."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import BridgeError


class OptionReader:
    """One options map. `path` is its name in errors."""

    def __init__(self, options: Mapping[str, object], path: str = "options") -> None:
        self._options = options
        self._path = path

    def text(self, key: str) -> str | None:
        """A string of 1 to 4096 characters, or None when absent. Raises BridgeError E_CONFIG_INVALID."""
        value = self._options.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not 0 < len(value) <= 4096:
            raise self._invalid(key, "a string of 1 to 4096 characters", value)
        return value

    def whole(self, key: str, low: int, high: int) -> int | None:
        """An integer within [low, high], or None when absent. Raises BridgeError E_CONFIG_INVALID."""
        value = self._options.get(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self._invalid(key, f"an integer from {low} to {high}", value)
        return value

    def map(self, key: str) -> OptionReader | None:
        """A nested map, or None when absent. Raises BridgeError E_CONFIG_INVALID."""
        value = self._options.get(key)
        if value is None or value is True:
            return None
        if not isinstance(value, Mapping):
            raise self._invalid(key, "a map", value)
        return OptionReader(value, f"{self._path}.{key}")

    def only(self, *keys: str) -> None:
        """Raises BridgeError E_CONFIG_INVALID when there is any other key."""
        for key in self._options:
            if key not in keys:
                raise BridgeError(
                    "E_CONFIG_INVALID",
                    f'{self._path} has the unknown key "{key}".',
                    f"Use one of: {', '.join(keys)}.",
                )

    def _invalid(self, key: str, wanted: str, value: object) -> BridgeError:
        return BridgeError(
            "E_CONFIG_INVALID",
            f"{self._path}.{key} must be {wanted}, not {value!r:.80}.",
            "Correct the option in the configuration of this backend.",
        )
