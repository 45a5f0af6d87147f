"""What was made for a page, kept in the memory of the process for who asks next.

A run never changes, so nothing kept here can be stale; there is only a bound on how much there is.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The values asked for last, as many as there is room for.

    Parameters
    ----------
    room
        How much is kept, in the measure of `size`.
    size
        How much room a value takes; by default each takes one.
    """

    def __init__(self, room: int, size: Callable[[T], int] = lambda _: 1) -> None:
        self.room = room
        self.used = 0
        self._size = size
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of a key, made at the first ask; what fails is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._keep(key, value)
        return value

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
            self.used = 0

    def _keep(self, key: Hashable, value: T) -> None:
        if key in self._values or self._size(value) > self.room:
            return
        self._values[key] = value
        self.used += self._size(value)
        while self.used > self.room:
            self.used -= self._size(self._values.popitem(last=False)[1])
