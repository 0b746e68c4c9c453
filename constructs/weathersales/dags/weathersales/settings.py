"""What a project decides about the DAG, read from the environment: the same files serve every project.

The construct of the environment writes the document; weathersales.go says what each key means. A document that cannot be used is an
import error of the DAG, which Airflow shows above its list of DAGs.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields

# MWAA makes this variable of the configuration option weathersales.settings.
VARIABLE = "AIRFLOW__WEATHERSALES__SETTINGS"

HTTP_API = "http-api"
SQL_SERVER = "sql-server"
STEPS = (HTTP_API, SQL_SERVER)


class Refused(ValueError):
    """A setting that the DAG cannot work with; the message says what was got and what was expected."""


@dataclass(frozen=True)
class Settings:
    work: tuple[str, ...]
    bucket: str
    prefix: str
    topic: str
    timezone: str
    longest_minutes: int
    schedule: str | None = None

    def __post_init__(self) -> None:
        if not self.work or not set(self.work) <= set(STEPS) or len(set(self.work)) < len(self.work):
            raise Refused(f"{VARIABLE}: work: got {list(self.work)}, expected {' and '.join(STEPS)}, or one of them")
        if self.prefix and not self.prefix.endswith("/"):
            raise Refused(f"{VARIABLE}: prefix: got {self.prefix!r}, expected a key prefix that ends with /")
        if self.longest_minutes < 1:
            raise Refused(f"{VARIABLE}: longest_minutes: got {self.longest_minutes}, expected 1 or more")

    @classmethod
    def from_environment(cls) -> Settings:
        try:
            document = json.loads(os.environ[VARIABLE])
        except KeyError:
            raise Refused(f"{VARIABLE} is not set; expected the settings document, which the stack gives to the environment") from None
        except json.JSONDecodeError as error:
            raise Refused(f"{VARIABLE}: got no JSON: {error}") from None
        if not isinstance(document, dict):
            raise Refused(f"{VARIABLE}: got {type(document).__name__}, expected an object")
        known = {field.name for field in fields(cls)}
        missing = known - {"schedule"} - document.keys()
        if missing or document.keys() - known:
            raise Refused(f"{VARIABLE}: missing {sorted(missing)}, unknown {sorted(document.keys() - known)}")
        return cls(**{**document, "work": tuple(document["work"])})
