"""Arguments of a job. Source: AWS Glue Developer Guide, "Accessing parameters using getResolvedOptions", read 2026-11."""

import argparse


class GlueArgumentError(Exception):
    """An argument that was asked for and not given."""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise GlueArgumentError(message)


def getResolvedOptions(args, options):  # noqa: N802 (Glue's name)
    """The values of the named arguments, with _ for - in their names, as Glue has it. All others are left alone."""
    parser = _Parser(allow_abbrev=False, add_help=False)
    for option in options:
        parser.add_argument("--" + option, dest=option.replace("-", "_"), required=True)
    parser.add_argument("--job-bookmark-option", dest="job_bookmark_option", default="job-bookmark-disable")
    parser.add_argument("--TempDir", dest="TempDir")
    known, _ = parser.parse_known_args(args[1:])
    return {name: value for name, value in vars(known).items() if value is not None}
