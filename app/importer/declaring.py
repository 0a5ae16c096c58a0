"""The own attributes that a mapping fills, declared in the regulation where it does not know them."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from app.importer.history import Telling
from app.importer.mapping import Mapping
from app.importer.problems import MappingError
from app.importer.services import Services
from app.store import VersionConflict
from domain.kernel import Refused
from domain.regulation.attributes import Attribute, DeclareAttribute
from domain.regulation.state import REGULATION_ID, Regulation

ATTEMPTS = 5


async def declare_attributes(services: Services, mapping: Mapping, path: Path, actor: UUID, run_id: UUID) -> None:
    """Declare the attributes that the regulation lacks, all at once.

    Raises:
        MappingError: it cannot be done; nothing was changed.
    """
    for _ in range(ATTEMPTS):
        if not missing_attributes(services.directory.regulation, mapping, path):
            return
        try:
            await _declare(services, mapping, path, actor, run_id)
        except VersionConflict:
            continue
        except Refused as refused:
            raise MappingError(f"{path}: attributes: {refused.code} {refused.facts}") from None
        finally:
            await services.directory.refresh()
    raise MappingError(f"{path}: attributes: others keep changing the regulation; try again")


def missing_attributes(regulation: Regulation, mapping: Mapping, path: Path) -> list[Attribute]:
    """The mapped attributes that the regulation lacks.

    Raises:
        MappingError: it has one of them as another kind.
    """
    known = regulation.attributes
    for name, attribute in mapping.declared.items():
        if name in known and known[name].kind is not attribute.kind:
            raise MappingError(f"{path}: attributes.{name}: the regulation declares it as {known[name].kind}")
    return [attribute for name, attribute in mapping.declared.items() if name not in known]


async def _declare(services: Services, mapping: Mapping, path: Path, actor: UUID, run_id: UUID) -> None:
    stored, last = await services.store.read_tail(REGULATION_ID, 0)
    regulation = Regulation.empty(REGULATION_ID)
    for recorded in stored:
        regulation = regulation.evolve(recorded)
    now = datetime.now(UTC)
    telling = Telling(regulation, actor, now, run_id)
    facts = [
        (event, now)
        for attribute in missing_attributes(regulation, mapping, path)
        for event in DeclareAttribute(attribute=attribute).decide(regulation, telling.context(now))
    ]
    if facts:
        await services.store.append(telling.append(REGULATION_ID, len(stored), last, facts))
