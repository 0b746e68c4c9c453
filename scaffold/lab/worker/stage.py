"""Gives a job on real Spark its S3 folders as local ones: Spark reads s3:// only with Java libraries that no Python wheel has.

What lies below each s3:// argument is copied to a folder before the job, and what the job changed is copied back after it. Both go
through the lab's endpoint as the job's role, so a missing permission is denied here too, at the copy instead of in the job.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlparse

import boto3
from boto3.s3.transfer import TransferConfig

# The job is over by then, and with it the time of threads.
ONE_BY_ONE = TransferConfig(use_threads=False)


class Stage:
    """The copies of one job run."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.s3 = boto3.client("s3")
        self.prefixes: set[tuple[str, str]] = set()
        self.before: dict[Path, tuple[int, int]] = {}

    def fetch(self, argv: list[str]) -> list[str]:
        """Copies what the arguments name, and returns them with local paths."""
        local = []
        for argument in argv:
            parsed = urlparse(argument)
            if parsed.scheme in ("s3", "s3a"):
                self.prefixes.add((parsed.netloc, parsed.path.lstrip("/")))
                argument = str(self.folder / parsed.netloc / parsed.path.lstrip("/"))
                os.makedirs(argument, exist_ok=True)
            local.append(argument)
        for bucket, prefix in sorted(self.prefixes):
            for key, item in self.listed(bucket, prefix):
                path = self.folder / bucket / key
                if path in self.before or key.endswith("/"):
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                self.s3.download_file(bucket, key, str(path))
                written = int(item["LastModified"].timestamp() * 1e9)
                os.utime(path, ns=(written, written))
                self.before[path] = version(path)
        return local

    def listed(self, bucket: str, prefix: str):
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                yield item["Key"], item

    def store(self) -> None:
        """Copies back what is new or changed, and removes what the job removed."""
        after = {path for path in self.folder.rglob("*") if path.is_file() and not path.name.endswith(".crc")}
        for path in sorted(after):
            if self.before.get(path) != version(path):
                self.s3.upload_file(str(path), *self.place(path), Config=ONE_BY_ONE)
        for path in sorted(set(self.before) - after):
            bucket, key = self.place(path)
            self.s3.delete_object(Bucket=bucket, Key=key)

    def place(self, path: Path) -> tuple[str, str]:
        bucket, _, key = path.relative_to(self.folder).as_posix().partition("/")
        return bucket, key


def version(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
