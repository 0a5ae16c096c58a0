"""The own attributes that a mapping fills, declared in the regulation where it does not know them."""

from dataclasses import replace
from pathlib import Path

from app.importer.history import Telling, rules_for_history
from app.importer.mapping import Mapping
from app.importer.problems import MappingError
from app.importer.services import Services
from app.store import VersionConflict
from domain.kernel import Refused
from domain.regulation.attributes import Attribute, DeclareAttribute
from domain.regulation.state import REGULATION_ID, Regulation

ATTEMPTS = 5


class Declaring:
    """Declares the attributes that the regulation lacks, all at once, when the first record is about to go in."""

    def __init__(self, services: Services, mapping: Mapping, path: Path, *, dry_run: bool) -> None:
        """Look which ones it lacks.

        Raises:
            MappingError: it has one of the mapped attributes as another kind.
        """
        self._services = services
        self._mapping = mapping
        self._path = path
        self._dry_run = dry_run
        self._wanted = len(self._missing(services.directory.regulation))
        self.declared = 0

    async def ensure(self, telling: Telling) -> Telling:
        """The telling under the regulation with all attributes.

        Raises:
            MappingError: they cannot be declared; nothing was changed.
        """
        if self.declared == self._wanted:
            return telling
        if not self._dry_run:
            await self._declare(telling)
        self.declared = self._wanted
        return replace(telling, rules=rules_for_history(self._services.directory.regulation, self._mapping))

    async def _declare(self, telling: Telling) -> None:
        for _ in range(ATTEMPTS):
            try:
                await self._append(telling)
            except VersionConflict:
                continue
            except Refused as refused:
                raise MappingError(f"{self._path}: attributes: {refused.code} {refused.facts}") from None
            else:
                return
            finally:
                await self._services.directory.refresh()
        raise MappingError(f"{self._path}: attributes: others keep changing the regulation; try again")

    async def _append(self, telling: Telling) -> None:
        stored, last = await self._services.store.read_tail(REGULATION_ID, 0)
        regulation = Regulation.empty(REGULATION_ID)
        for recorded in stored:
            regulation = regulation.evolve(recorded)
        under_it = replace(telling, rules=regulation)
        facts = [
            (event, telling.now)
            for attribute in self._missing(regulation)
            for event in DeclareAttribute(attribute=attribute).decide(regulation, under_it.context(telling.now))
        ]
        if facts:
            await self._services.store.append(under_it.append(REGULATION_ID, len(stored), last, facts))

    def _missing(self, regulation: Regulation) -> list[Attribute]:
        known, declared = regulation.attributes, self._mapping.declared
        for name, attribute in declared.items():
            if name in known and known[name].kind is not attribute.kind:
                raise MappingError(f"{self._path}: attributes.{name}: the regulation declares it as {known[name].kind}")
        return [attribute for name, attribute in declared.items() if name not in known]
