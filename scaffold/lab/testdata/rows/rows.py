"""Prints the rows of every Parquet file below a folder, as JSON: partition -> rows in a stable order."""

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq

root = Path(sys.argv[1])
found = {}
for file in sorted(root.rglob("*.parquet")):
    found.setdefault(file.parent.relative_to(root).as_posix(), []).extend(pq.ParquetFile(file).read().to_pylist())
json.dump({name: sorted(rows, key=str) for name, rows in found.items() if rows}, sys.stdout, default=str)
