"""Reads COPY and UNLOAD of Amazon Redshift, which DuckDB does not have in this form: what they name, and each of their parameters.

A parameter that would change what is read or written, and that the lab does not know, is refused by its name and place.

Source: Amazon Redshift Database Developer Guide, "COPY", "COPY parameter reference", "UNLOAD", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot.dialects.redshift import Redshift
from sqlglot.tokens import Token, TokenType


class Refused(Exception):
    """The lab cannot do what the SQL asks for, whatever Redshift would do."""


def place(text: str, at: int) -> str:
    """Where an offset is, as people count."""
    before = text[:at]
    return f"line {before.count(chr(10)) + 1}, column {at - (before.rfind(chr(10)) + 1) + 1}"


@dataclass
class Transfer:
    """A COPY or an UNLOAD."""

    kind: str
    s3: str = ""
    role: str = ""
    table: str = ""  # of COPY, with its schema
    columns: list[str] = field(default_factory=list)
    query: str = ""  # of UNLOAD
    format: str = "TEXT"
    options: dict = field(default_factory=dict)
    partition: list[str] = field(default_factory=list)
    include: bool = False


# Parameters by what follows them: nothing, a text, a number, or ON and OFF. Those of "idle" have no effect on the rows: they are about
# statistics, compression and how the work is spread.
COPY_FLAGS = {"GZIP", "ZSTD", "EMPTYASNULL", "BLANKSASNULL", "TRUNCATECOLUMNS", "IGNOREBLANKLINES", "ROUNDEC"}
COPY_TEXTS = {"DELIMITER", "NULL", "QUOTE", "DATEFORMAT", "TIMEFORMAT", "REGION"}
COPY_NUMBERS = {"IGNOREHEADER", "MAXERROR"}
COPY_IDLE = {"COMPUPDATE": True, "STATUPDATE": True, "COMPROWS": True, "NOLOAD": None, "ACCEPTANYDATE": None}
UNLOAD_FLAGS = {"HEADER", "CLEANPATH", "ALLOWOVERWRITE", "GZIP", "ENCRYPTED", "ADDQUOTES"}
UNLOAD_TEXTS = {"DELIMITER", "NULL", "KMS_KEY_ID", "REGION", "EXTENSION"}
FORMATS = {"CSV", "PARQUET", "JSON"}
WITH_AS = {"FORMAT", "DELIMITER", "NULL", "QUOTE", "DATEFORMAT", "TIMEFORMAT", "IGNOREHEADER", "MAXERROR", "REGION", "JSON", "CSV"}
SWITCH = {"ON": True, "TRUE": True, "OFF": False, "FALSE": False}
UNITS = {"MB": 1 << 20, "GB": 1 << 30}


class Reader:
    """Goes through the words of a statement."""

    def __init__(self, text: str) -> None:
        self.text = text
        # sqlglot takes all that follows UNLOAD as one text, so the word itself is left out.
        self.skipped = len("UNLOAD") if text[:6].upper() == "UNLOAD" else 0
        self.tokens = [t for t in Redshift().tokenize(text[self.skipped :]) if t.token_type != TokenType.SEMICOLON]
        self.next = 0

    def here(self) -> str:
        token = self.peek()
        return place(self.text, token.start + self.skipped if token else len(self.text))

    def refuse(self, what: str) -> Refused:
        return Refused(f"{self.here()}: {what}")

    def peek(self) -> Token | None:
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def word(self) -> str:
        """The word that comes next, in capitals; a text in quotation marks is none."""
        token = self.peek()
        return "" if token is None or token.token_type == TokenType.STRING else token.text.upper()

    def take(self) -> Token:
        token = self.peek()
        if token is None:
            raise self.refuse("the statement ends too early")
        self.next += 1
        return token

    def expect(self, *words: str) -> str:
        word = self.word()
        if word not in words:
            token = self.peek()
            raise self.refuse(f"got {token.text if token else 'the end'}, expected {' or '.join(words)}")
        self.take()
        return word

    def accept(self, word: str) -> bool:
        if self.word() != word:
            return False
        self.take()
        return True

    def string(self, of: str) -> str:
        token = self.peek()
        if token is None or token.token_type != TokenType.STRING:
            raise self.refuse(f"got {token.text if token else 'the end'}, expected a text in quotation marks for {of}")
        return self.take().text

    def number(self, of: str) -> int:
        token = self.peek()
        if token is None or not token.text.isdigit():
            raise self.refuse(f"got {token.text if token else 'the end'}, expected a number for {of}")
        return int(self.take().text)

    def name(self) -> str:
        return self.take().text.lower()

    def names(self) -> list[str]:
        """A list of names in parentheses."""
        self.expect("(")
        all = [self.name()]
        while self.accept(","):
            all.append(self.name())
        self.expect(")")
        return all


def copy(text: str) -> Transfer:
    """Reads a COPY."""
    r = Reader(text)
    r.expect("COPY")
    t = Transfer("COPY", table=r.name())
    if r.accept("."):
        t.table += "." + r.name()
    if r.word() == "(":
        t.columns = r.names()
    r.expect("FROM")
    if not (r.peek() and r.peek().text.startswith("s3://")):
        raise r.refuse("the lab copies from S3 alone, expected 's3://BUCKET/PREFIX'")
    t.s3 = r.string("FROM")
    parameters(r, t, copy_parameter)
    if t.options.get("MAXERROR"):
        raise Refused(f"COPY: the lab does not know MAXERROR {t.options['MAXERROR']}, expected 0: a row that cannot be read stops it")
    if t.format in ("PARQUET", "JSON"):
        known = {"REGION", "GZIP", "ZSTD", "TRUNCATECOLUMNS"} if t.format == "JSON" else {"REGION"}
        for other in sorted(set(t.options) - known - {"JSON", "MAXERROR"}):
            raise Refused(f"COPY: the lab does not know {other} with FORMAT {t.format}")
    return t


def parameters(r: Reader, t: Transfer, own: Callable[[Reader, Transfer, str], None]) -> None:
    """Reads what follows the place in S3, in any order: a role, a format, and what COPY or UNLOAD has of its own."""
    while r.peek():
        word = r.word()
        if r.accept("IAM_ROLE"):
            t.role = "default" if r.accept("DEFAULT") else r.string("IAM_ROLE")
        elif word == "FORMAT" or word in FORMATS:
            if r.accept("FORMAT"):
                r.accept("AS")
            t.format = r.expect(*sorted(FORMATS))
            if t.kind == "COPY" and t.format == "JSON":
                paths(r, t)
        else:
            own(r, t, word)
    if not t.role:
        raise Refused(f"{t.kind}: got no IAM_ROLE, expected one")


def paths(r: Reader, t: Transfer) -> None:
    """Where COPY finds the columns in JSON."""
    t.options["JSON"] = r.string("JSON") if r.peek() and r.peek().token_type == TokenType.STRING else "auto"
    if t.options["JSON"].lower() not in ("auto", "auto ignorecase"):
        raise r.refuse(f"the lab does not know JSON '{t.options['JSON']}', expected 'auto' or 'auto ignorecase'")


def copy_parameter(r: Reader, t: Transfer, word: str) -> None:
    if word in COPY_IDLE and word not in ("NOLOAD", "ACCEPTANYDATE"):
        r.take()
        if r.word() in (*SWITCH, "PRESET") or (r.peek() and r.peek().text.isdigit()):
            r.take()
    else:
        parameter(r, t, COPY_FLAGS, COPY_TEXTS, COPY_NUMBERS)


def parameter(r: Reader, t: Transfer, flags: set[str], texts: set[str], numbers: set[str]) -> None:
    word = r.word()
    if word not in flags | texts | numbers:
        token = r.peek()
        raise r.refuse(f"the lab does not know {token.text} of {t.kind}")
    r.take()
    if word in WITH_AS:
        r.accept("AS")
    if word in flags:
        t.options[word] = True
    elif word in texts:
        t.options[word] = r.string(word)
    else:
        t.options[word] = r.number(word)


def unload(text: str) -> Transfer:
    """Reads an UNLOAD."""
    r = Reader(text)
    t = Transfer("UNLOAD")
    r.expect("(")
    t.query = r.string("the query")
    r.expect(")")
    r.expect("TO")
    t.s3 = r.string("TO")
    parameters(r, t, unload_parameter)
    if t.format in ("PARQUET", "JSON"):
        for other in sorted({"HEADER", "DELIMITER", "NULL", "ADDQUOTES"} & set(t.options) | ({"GZIP"} & set(t.options) if t.format == "PARQUET" else set())):
            raise Refused(f"UNLOAD: Redshift takes no {other} with FORMAT {t.format}")
    if t.options.get("KMS_KEY_ID") and not t.options.get("ENCRYPTED"):
        raise Refused("UNLOAD: got KMS_KEY_ID without ENCRYPTED, expected both")
    return t


def unload_parameter(r: Reader, t: Transfer, word: str) -> None:
    if word == "PARTITION" or word == "PARTITION BY":
        r.take()
        if word == "PARTITION":
            r.expect("BY")
        t.partition = r.names()
        t.include = r.accept("INCLUDE")
    elif word == "PARALLEL":
        r.take()
        t.options["PARALLEL"] = SWITCH[r.expect(*SWITCH)] if r.word() in SWITCH else True
    elif word in ("MAXFILESIZE", "ROWGROUPSIZE"):
        r.take()
        r.accept("AS")
        size = r.number(word)
        size *= UNITS[r.expect(*UNITS)] if r.word() in UNITS else UNITS["MB"]
        if word == "MAXFILESIZE":  # the size of row groups changes no row
            t.options[word] = size
    elif word == "ENCRYPTED":
        r.take()
        r.accept("AUTO")
        t.options[word] = True
    else:
        parameter(r, t, UNLOAD_FLAGS, UNLOAD_TEXTS, set())
