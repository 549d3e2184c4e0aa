"""One example for the help of each command."""

from typing import Final

_MONTH: Final = "--agency L0001 --period 2023-04"

# By the words of the command.
EXAMPLES: Final[dict[str, str]] = {
    "": f"ndtms check --source orchard {_MONTH}",
    "submit": f"ndtms submit --source orchard {_MONTH} --extracted-on 2023-05-03",
    "check": f"ndtms check --source mysystem.toml {_MONTH} --out findings.xlsx",
    "backfill": "ndtms backfill --source orchard --from 2023-04 --to 2023-06",
    "replay": "ndtms replay --run L0001-2023-04-1 --input corrected",
    "compare": "ndtms compare L0001-2023-04-1 L0001-2023-05-1",
    "status": "ndtms status --months 6",
    "worklist": "ndtms worklist --agency L0001 --out worklist.xlsx",
    "rejected": f"ndtms rejected {_MONTH} --outcome rejected",
    "runs": "ndtms runs --agency L0001 --format csv --out runs.csv",
    "findings": f"ndtms findings {_MONTH} --owner entry",
    "mismatches": f"ndtms mismatches {_MONTH}",
    "completeness": f"ndtms completeness {_MONTH}",
    "unmapped": f"ndtms unmapped {_MONTH}",
    "quality": f"ndtms quality {_MONTH}",
    "changes": f"ndtms changes {_MONTH} --own",
    "due": "ndtms due --agency L0001 --out due.xlsx",
    "releases": "ndtms releases --agency L0001 --period 2023-06",
    "transfers": "ndtms transfers --agency L0001 --for-sharing",
    "figures": "ndtms figures --agency L0001 --period 2023-06 --for-sharing",
    "report": "ndtms report --run L0001-2023-04-1 --out report.html",
    "rules": "ndtms rules --format csv --out rules.csv",
    "explain": "ndtms explain EXITD.order --run L0001-2023-04-1 --entity episode --line 28",
    "codes": "ndtms codes SEX",
    "ask": "ndtms ask rows-lost --agency L0001",
    "sql": 'ndtms sql "select run_id, status, rows_sent from runs"',
    "settings": "ndtms settings --format json",
    "deploy": "ndtms deploy --dry-run",
    "alarms": "ndtms alarms --notify custom-webhook/ward",
    "forget": 'ndtms forget --before 2019-04 --reason "retention schedule, 7 years"',
    "backup": "ndtms backup /srv/backups/ndtms",
    "verify": "ndtms verify --home workspace",
    "upgrade": "ndtms upgrade --home workspace",
    "encrypt": "ndtms encrypt --home workspace",
    "reference": "ndtms reference load code-lists.csv",
    "reference load": "ndtms reference load code-lists.pdf --only SEX --yes",
    "reference unload": "ndtms reference unload SEX ETHNIC",
    "reference diff": "ndtms reference diff code-lists.csv",
    "reference format": "ndtms reference format file-format.toml",
    "reference postcodes": "ndtms reference postcodes ONSPD_NOV_2025.zip",
    "source": "ndtms source new path/to/export --out mysystem.toml",
    "source check": "ndtms source check mysystem.toml --period 2024-01",
    "source new": "ndtms source new path/to/export --out mysystem.toml",
}


def show_example(words: str = "") -> str:
    """Returns the last line of a command's help, an example of the command.

    Args:
        words: the words after `ndtms` that name the command.
    """
    return f"Example: {EXAMPLES[words]}"
