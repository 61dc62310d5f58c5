"""Semantic versions: which bump a change of the contract needs (docs/decisions/0012-contract.md)."""

import re
from enum import IntEnum
from typing import NamedTuple, Self

from tools.openapi.failure import ContractError


class Level(IntEnum):
    """How much a change matters to a client, named after the part of the version it moves."""

    NONE = 0
    PATCH = 1  # only documentation
    MINOR = 2  # something was added
    MAJOR = 3  # something may break


class Version(NamedTuple):
    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """ContractError when it is not MAJOR.MINOR.PATCH."""
        match = re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", text)
        if match is None:
            raise ContractError(f"The version {text} in pyproject.toml is not MAJOR.MINOR.PATCH.")
        return cls(*map(int, match.groups()))

    def __str__(self) -> str:
        return ".".join(map(str, self))

    def least_next(self, level: Level) -> "Version":
        """The lowest version that may follow with changes of this level.

        Before 1.0.0 nothing is promised for good, so a breaking change moves the middle number, as SemVer's users
        and package managers read it (^0.3.1 admits 0.3.2 and not 0.4.0).
        """
        if level is Level.MAJOR and self.major > 0:
            return Version(self.major + 1, 0, 0)
        if level >= Level.MINOR:
            return Version(self.major, self.minor + 1, 0)
        return Version(self.major, self.minor, self.patch + level)
