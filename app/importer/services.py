"""What an import needs of the service."""

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from app.directory import Directory
from app.execute import Executor
from app.store import Store
from app.vault import Vault


class Services(Protocol):
    """The parts of the service that an import works with."""

    @property
    def engine(self) -> AsyncEngine: ...
    @property
    def store(self) -> Store: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def directory(self) -> Directory: ...
    @property
    def executor(self) -> Executor: ...
