"""Data keys: made, found, destroyed; and the master key that has to be the right one."""

import os
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.tables import data_keys
from app.vault import KeyDestroyed, Vault, WrongMasterKey, seal, unseal
from tests.conftest import MASTER_KEY

OTHER_KEY = bytes(32)


async def stored_key(engine: AsyncEngine, stream_id: UUID) -> AESGCM:
    new = Vault(MASTER_KEY, engine).new_key(stream_id)
    async with engine.begin() as connection:
        await connection.execute(insert(data_keys).values(stream_id=stream_id, wrapped=new.wrapped))
    return new.cipher


async def test_the_first_master_key_is_the_right_one_from_then_on(engine: AsyncEngine):
    for _ in range(2):
        await Vault(MASTER_KEY, engine).check()
    with pytest.raises(WrongMasterKey):
        await Vault(OTHER_KEY, engine).check()


def test_a_master_key_has_32_bytes(engine: AsyncEngine):
    with pytest.raises(ValueError, match="32 bytes, not 16"):
        Vault(bytes(16), engine)


async def test_a_stored_key_opens_what_it_sealed(engine: AsyncEngine):
    stream = uuid4()
    cipher = await stored_key(engine, stream)
    found = await Vault(MASTER_KEY, engine).find(stream)
    assert found is not None
    assert unseal(found, seal(cipher, b"Ivan", b"place"), b"place") == b"Ivan"


async def test_keys_are_found_together_and_only_where_there_are_some(engine: AsyncEngine):
    first, second, without = uuid4(), uuid4(), uuid4()
    for stream in (first, second):
        await stored_key(engine, stream)
    vault = Vault(MASTER_KEY, engine, cached_keys=1)
    for _ in range(2):
        assert set(await vault.load([first, second, without, first])) == {first, second}
    assert await vault.find(without) is None


async def test_a_key_made_later_is_found(engine: AsyncEngine):
    vault, stream = Vault(MASTER_KEY, engine), uuid4()
    assert await vault.load([stream]) == {}
    await stored_key(engine, stream)
    assert await vault.load([stream]) != {}


async def test_a_destroyed_key_is_gone_for_good(engine: AsyncEngine):
    vault, stream = Vault(MASTER_KEY, engine), uuid4()
    await stored_key(engine, stream)
    await vault.load([stream])
    await vault.destroy(stream)
    for each in (vault, Vault(MASTER_KEY, engine)):
        assert await each.load([stream]) == {stream: None}
        with pytest.raises(KeyDestroyed):
            await each.find(stream)
    async with engine.connect() as connection:
        assert (await connection.execute(select(data_keys.c.wrapped))).scalars().all() == [None]


async def test_another_master_key_opens_no_key(engine: AsyncEngine):
    stream = uuid4()
    await stored_key(engine, stream)
    with pytest.raises(WrongMasterKey):
        await Vault(OTHER_KEY, engine).load([stream])


async def test_a_key_of_another_stream_is_refused(engine: AsyncEngine):
    new = Vault(MASTER_KEY, engine).new_key(uuid4())
    stream = uuid4()
    async with engine.begin() as connection:
        await connection.execute(insert(data_keys).values(stream_id=stream, wrapped=new.wrapped))
    with pytest.raises(WrongMasterKey):
        await Vault(MASTER_KEY, engine).load([stream])


@pytest.mark.parametrize("associated", [b"place", b"other place"])
def test_what_is_sealed_opens_only_unchanged_and_in_its_place(associated: bytes):
    cipher = AESGCM(os.urandom(32))
    sealed = seal(cipher, b"Ivan", b"place")
    changed = sealed if associated == b"other place" else sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(InvalidTag):
        unseal(cipher, changed, associated)
