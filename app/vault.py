"""The vault: one data key per stream, sealed by the master key. Destroying a stream's key erases its personal data."""

import hmac
import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from app.tables import data_keys, installation
from projections.log import driver

KEY_BYTES = 32
NONCE_BYTES = 12
CACHED_KEYS = 10_000
OPEN_KEYS = 500
"""Keys that are kept open for commands: a client that something happens to is often met again."""
_CHECK_TEXT = b"conveyor installation"
_CHECK_AAD = b"check"

Keys = Mapping[UUID, AESGCM | None]
"""Data keys by stream. None: destroyed. Streams that never had a key are absent."""


class WrongMasterKey(Exception):
    """The master key is not the one that this database was set up with."""


class KeyDestroyed(Exception):
    """The data key of this stream was destroyed: it takes no personal data any more."""

    def __init__(self, stream_id: UUID) -> None:
        super().__init__(stream_id)
        self.stream_id = stream_id


class NewKey(NamedTuple):
    """A data key made for a stream that has none; it counts once stored, together with the first event it seals."""

    cipher: AESGCM
    wrapped: bytes


class Vault:
    """Makes, finds and destroys data keys. Up to `cached_keys` of them are kept in memory, the last used ones.

    They are kept as they are stored, sealed, all but the few used last: the memory of a cipher would hold twenty of
    them.
    """

    def __init__(self, master_key: bytes, engine: AsyncEngine, cached_keys: int = CACHED_KEYS) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"the master key must have {KEY_BYTES} bytes, not {len(master_key)}")
        self._master = AESGCM(master_key)
        self._master_key = master_key
        self._engine = engine
        self._cached_keys = cached_keys
        self._cache: OrderedDict[UUID, bytes | None] = OrderedDict()
        self._opened = lru_cache(OPEN_KEYS)(self._unwrap)

    async def check(self) -> None:
        """Compare the master key with the installation's; the first call sets the installation up.

        Raises:
            WrongMasterKey: the database was set up with another one.
        """
        first = {"id": 1, "check_value": seal(self._master, _CHECK_TEXT, _CHECK_AAD), "created_at": func.now()}
        async with self._engine.begin() as connection:
            await connection.execute(insert(installation).values(first).on_conflict_do_nothing())
            value = (await connection.execute(select(installation.c.check_value))).scalar_one()
        try:
            unseal(self._master, value, _CHECK_AAD)
        except InvalidTag:
            raise WrongMasterKey from None

    def derived_id(self, purpose: str, text: str) -> UUID:
        """The id of the stream that stands for a text: always the same; not to be guessed without the master key."""
        mac = hmac.digest(self._master_key, f"{purpose}\x1f{text}".encode(), "sha256")
        return UUID(bytes=mac[:16], version=5)

    def sealed(self, plain: bytes, associated: bytes) -> bytes:
        """What belongs to no stream, sealed by the master key itself; `opened` gives it back."""
        return seal(self._master, plain, associated)

    def opened(self, sealed: bytes, associated: bytes) -> bytes:
        """What `sealed` was given.

        Raises:
            WrongMasterKey: it was sealed by another key, or for something else.
        """
        try:
            return unseal(self._master, sealed, associated)
        except InvalidTag:
            raise WrongMasterKey from None

    def new_key(self, stream_id: UUID) -> NewKey:
        """A random key for a stream. The caller stores it, and then `remember`s it."""
        key = os.urandom(KEY_BYTES)
        return NewKey(AESGCM(key), seal(self._master, key, stream_id.bytes))

    def remember(self, stream_id: UUID, wrapped: bytes | None) -> None:
        """Keep a stored key in memory; None: it was destroyed."""
        self._cache[stream_id] = wrapped
        if len(self._cache) > self._cached_keys:
            self._cache.popitem(last=False)

    async def find(self, stream_id: UUID) -> AESGCM | None:
        """The key of a stream that takes new personal data; None where it never had one.

        Raises:
            KeyDestroyed: the stream's data were erased.
        """
        if stream_id in self._cache:
            self._cache.move_to_end(stream_id)
            cipher = self._opened(stream_id, self._cache[stream_id])
        else:
            found = await self._fetch([stream_id])
            if not found:
                return None
            cipher = found[stream_id]
        if cipher is None:
            raise KeyDestroyed(stream_id)
        return cipher

    async def load(self, stream_ids: Iterable[UUID]) -> Keys:
        """The keys of these streams, with one query for those that are not in memory.

        Raises:
            WrongMasterKey: a stored key was sealed by another master key.
        """
        keys: dict[UUID, AESGCM | None] = {}
        missing: list[UUID] = []
        for stream_id in set(stream_ids):
            if stream_id in self._cache:
                self._cache.move_to_end(stream_id)
                keys[stream_id] = self._unwrap(stream_id, self._cache[stream_id])
            else:
                missing.append(stream_id)
        if missing:
            keys.update(await self._fetch(missing))
        return keys

    async def destroy(self, stream_id: UUID) -> None:
        """Destroy the key of a stream, for good. Other processes may still hold it in memory until they restart."""
        row = {"stream_id": stream_id, "wrapped": None}
        statement = insert(data_keys).values(row)
        async with self._engine.begin() as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=["stream_id"], set_=row))
        self.remember(stream_id, None)
        self._opened.cache_clear()

    async def _fetch(self, stream_ids: list[UUID]) -> dict[UUID, AESGCM | None]:
        sql = "SELECT stream_id, wrapped FROM public.data_keys WHERE stream_id = ANY($1)"
        async with self._engine.connect() as connection:
            found = await (await driver(connection)).fetch(sql, stream_ids)
        keys: dict[UUID, AESGCM | None] = {}
        for stream_id, wrapped in found:
            keys[stream_id] = self._unwrap(stream_id, wrapped)
            self.remember(stream_id, wrapped)
        return keys

    def _unwrap(self, stream_id: UUID, wrapped: bytes | None) -> AESGCM | None:
        if wrapped is None:
            return None
        try:
            return AESGCM(unseal(self._master, wrapped, stream_id.bytes))
        except InvalidTag:
            raise WrongMasterKey from None


def seal(cipher: AESGCM, plain: bytes, associated: bytes) -> bytes:
    """Encrypt under a fresh nonce, which comes first in the result. `associated` must be the same to open it again."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, associated)


def unseal(cipher: AESGCM, sealed: bytes, associated: bytes) -> bytes:
    """What was sealed.

    Raises:
        InvalidTag: another key, other associated data, or a changed text.
    """
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
