"""An import on its way in: what was sent is looked at, put away, and handed to a job."""

import asyncio
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from uuid import uuid4

from sqlalchemy import Row

from app.execute import Call
from app.importer.guessing import Guess, guess
from app.importer.kept_files import LIST, MAPPING, KeptFiles
from app.importer.mapping import Kind, load_mapping
from app.importer.problems import without_folder
from app.importer.reading import Source
from app.jobs.jobs import Jobs, Refuse
from app.services import Services

_BLOCK = 1 << 20
KIND = "import"


class Sent(NamedTuple):
    """An import as it was asked for. `file` stands at its beginning; `mapping` is TOML or JSON."""

    kind: Kind
    file: BinaryIO
    file_name: str
    mapping: bytes
    dry_run: bool
    allow_duplicates: bool

    @property
    def order(self) -> dict[str, Any]:
        """What the job is told."""
        return {
            "kind": self.kind,
            "file_name": self.file_name,
            "dry_run": self.dry_run,
            "allow_duplicates": self.allow_duplicates,
        }


async def send(services: Services, jobs: Jobs, sent: Sent, call: Call, refuse: Refuse) -> tuple[Row[Any], bool]:
    """Begin the import, unless an earlier request with the same idempotency key has begun it.

    Raises:
        MappingError: the mapping cannot be used.
        FileError: the file is no table that the mapping describes, as far as its beginning tells.
        KeyReused: the idempotency key belongs to another request.
    """
    import_id, files = uuid4(), KeptFiles(services.engine, services.vault)
    with tempfile.TemporaryDirectory(prefix="conveyor-upload-") as folder:
        digest = await asyncio.to_thread(_checked, Path(folder), sent)
        call = _with_digest(call, digest)
        if earlier := await jobs.find(call):
            return earlier, True
        with (Path(folder) / LIST).open("rb") as file, (Path(folder) / MAPPING).open("rb") as mapping:
            async with services.engine.begin() as connection:
                await files.keep(connection, import_id, LIST, file)
                await files.keep(connection, import_id, MAPPING, mapping)
    job = None
    try:
        job, replayed = await jobs.start(KIND, sent.order, call, refuse, import_id)
        return job, replayed
    finally:
        if job is None or job.id != import_id:
            await files.drop(import_id)


async def looked_at(file: BinaryIO, file_name: str) -> Guess:
    """What the file seems to hold.

    Raises:
        FileError: it is no table.
    """
    with tempfile.TemporaryDirectory(prefix="conveyor-upload-") as folder, without_folder(folder):
        path = Path(folder) / LIST
        await asyncio.to_thread(_copy, file, path)
        return await asyncio.to_thread(guess, path, file_name)


def _copy(file: BinaryIO, path: Path) -> None:
    with path.open("wb") as copy:
        shutil.copyfileobj(file, copy, _BLOCK)


def _with_digest(call: Call, digest: bytes) -> Call:
    return Call(call.actor, call.correlation_id, None, call.idempotency_key, digest)


def _checked(folder: Path, sent: Sent) -> bytes:
    """The files in the folder, and what tells this request from others."""
    path, mapping_path = folder / LIST, folder / MAPPING
    told = sha256(repr(sent.order).encode() + sent.mapping)
    mapping_path.write_bytes(sent.mapping)
    with path.open("wb") as copy:
        while block := sent.file.read(_BLOCK):
            told.update(block)
            copy.write(block)
    with without_folder(str(folder)):
        source = Source(path, load_mapping(mapping_path, sent.kind), mapping_path)
        next(source.lines(), None)
    return told.digest()
