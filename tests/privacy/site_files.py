"""What a site loads and deploys, right and damaged: the file format, postcodes, lists from a PDF, deployments."""

from pathlib import Path
from typing import Final

from tests.privacy.planted import POSTCODE, plant
from tests.support.published_pdf import Table, write_pdf

RELEASE: Final = "ONSPD_FEB_2023_UK.csv"
POSTCODES: Final = {
    "right": f"{POSTCODE},E10000020,E07000149",
    "short row": f"{POSTCODE},{plant('codelabel', 'short row')}",
    "wrong code": f"{POSTCODE},{plant('codelabel', 'authority')},E07000149",
    "no postcode": f"{plant('codelabel', 'postcode')},E10000020,E07000149",
}
FORMATS: Final = {
    "right": 'name = "{agency}_{first_day:%m%Y}.txt"',
    "wrong key": f"{plant('codelabel', 'format')} = 1",
    "wrong value": f'quoting = "{plant("codelabel", "format")}"',
    "not TOML": f'name = "{plant("codelabel", "format")}',
}
_MONTHLY: Final = '[[deployment]]\nname = "ward"\nflow = "monthly"\n'
_SOURCE: Final = f'{_MONTHLY}parameters.source = "planted"\n'
_IN_URL: Final = f"://user:{plant('secret', 'deployment')}@bucket/export"
DEPLOYMENTS: Final = {
    "password": f'{_MONTHLY}parameters = {{ source = "planted", input_folder = "s3{_IN_URL}" }}',
    "password in list": f'{_MONTHLY}parameters = {{ source = "planted", agencies = ["s3{_IN_URL}"] }}',
    "password in source": f'{_MONTHLY}parameters = {{ source = "s3{_IN_URL}" }}',
    "unknown parameter": f'{_MONTHLY}parameters = {{ source = "planted", token = "{plant("secret", "parameter")}" }}',
    "wrong parameter": f'{_MONTHLY}parameters = {{ source = "planted", agencies = "{plant("secret", "agencies")}" }}',
    "unknown key": f'{_SOURCE}token = "{plant("secret", "key")}"',
    "wrong schedule": f'{_SOURCE}cron = "{plant("secret", "cron")}"',
    "not TOML": f'{_MONTHLY}description = "{plant("secret", "open quote")}',
}


def write_references(folder: Path) -> None:
    """Writes postcodes, file formats and PDF documents into directories named `right`, or after their damage."""
    for name, row in POSTCODES.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / RELEASE).write_text(f"pcds,oscty,oslaua\n{row}\n", encoding="utf-8")
    for name, line in FORMATS.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        text = f"# {plant('comment', 'format')}\n{line}\n"
        (folder / name / "format.toml").write_text(text, encoding="utf-8")
    rows = [("M", plant("codelabel", "male")), ("F", plant("codelabel", "female"))]
    unknown = Table(plant("codelabel", "heading"), rows, ("Code", "Text"))
    right = write_pdf(folder / "right" / "lists.pdf", Table("Sex", rows, ("Code", "Text")), unknown, ruled=True)
    (folder / "cut short").mkdir()
    (folder / "cut short" / "lists.pdf").write_bytes(right.read_bytes()[:-900])
    (folder / "no list").mkdir()
    write_pdf(folder / "no list" / "lists.pdf", unknown, ruled=True)


def write_deployments(folder: Path, site: Path) -> None:
    """Writes the deployments of a site, and damaged ones of sites that are named after their damage."""
    text = (
        f'# {plant("comment", "deployments")}\n{_MONTHLY}description = "{plant("described", "deployment")}"\n'
        f'parameters = {{ source = "planted", accept_same_input = "{plant("described", "parameter")}" }}\n'
    )
    (site / "deployments.toml").write_text(text, encoding="utf-8")
    for name, damaged in DEPLOYMENTS.items():
        (folder / name / "sources").mkdir(parents=True)
        (folder / name / "deployments.toml").write_text(damaged + "\n", encoding="utf-8")
        mapping = (site / "sources" / "planted.toml").read_text(encoding="utf-8")
        (folder / name / "sources" / "planted.toml").write_text(mapping, encoding="utf-8")
