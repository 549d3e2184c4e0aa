"""The commands that show rules: the catalogue, and a description of one rule."""

import sys

from flows.cli.options import FilterRun, Form, Home, Out, RecordEntity, RecordLine, RuleName
from flows.cli.terminal import show_activity
from flows.reports.catalogue import build_catalogue_page
from flows.reports.catalogue_tables import build_rules_table
from flows.reports.explain import RecordKey, explain_rule
from flows.reports.tables import Format, choose_format, show, write_out
from flows.sources.request import find_home
from flows.support.errors import InputRefused
from transforms.tables.printable import printable


def rules(form: Form = None, out: Out = None, home: Home = None) -> None:
    """List the rules and their severities in a home; in Markdown, print the page of the catalogue."""
    if choose_format(form, out) is Format.MARKDOWN:
        write_out(build_catalogue_page().encode(), out)
    else:
        show(build_rules_table(find_home(home)), form, out)


def explain(
    rule: RuleName,
    run: FilterRun = None,
    entity: RecordEntity = None,
    line: RecordLine = None,
    home: Home = None,
) -> None:
    """Describe a rule; with --run, --entity and --line, show which of its clauses hold for a record."""
    record = RecordKey(run, entity, line) if run and entity and line else None
    if record is None and (run or entity or line):
        raise InputRefused("--run, --entity and --line are used together, to name one record; give all three or none")
    with show_activity(f"explaining {rule}"):
        text = explain_rule(rule, record, find_home(home))
    sys.stdout.write(printable(text, keep="\n") + "\n")
