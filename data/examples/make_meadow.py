"""Writes the second example: one month of a fictional system that stores typed tables.

'Meadow Care Records' does not exist, and its people are fictional: they are those of the first
example (make_orchard.py), as another system would store them.  Persons and programmes are Parquet
tables; journeys and addresses are two sheets of one workbook.  Deleted persons are still in the
table, with a mark.  The values are labels of the code lists, where Orchard has its own words.  The
mapping data/sources/meadow.toml maps these tables to the dataset.

    python data/examples/make_meadow.py [--out DIR]

Postcodes: Source: Office for National Statistics licensed under the Open Government Licence v.3.0.
Contains OS data © Crown copyright and database right 2025.  Contains Royal Mail data © Royal Mail
copyright and database right 2025.
"""

import argparse
import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

HERE = Path(__file__).parent
MONTH = "2023-04"
BLANKS = ["NULL", "Not recorded", ""]

PERSONS = {
    "CLIENTID": "person_key", "CLIENT": "prison_number", "FORENAME": "first_name", "SURNAME": "last_name",
    "DOB": "date_of_birth", "SEX": "sex", "ETHNIC": "ethnicity", "NATION": "nationality", "AGNCY": "site_code",
}  # fmt: skip
JOURNEYS = {
    "EPISODID": "journey_id", "CLIENTID": "person_key", "CONSENT": "consented", "INTRCPTD": "custody_start_date",
    "RECPDT": "reception_date", "PRISON": "transferred_from_prison", "TRIAGED": "triage_date",
    "SEXUALO": "sexual_orientation", "PREGNANT": "pregnant", "RELIGION": "religion", "DISABLE1": "disability_1",
    "DISABLE2": "disability_2", "DISABLE3": "disability_3", "HOUSING": "accommodation_need",
    "DOMVIC": "domestic_abuse_victim", "DOMPER": "domestic_abuse_perpetrator", "TSLPE": "time_since_paid_work",
    "VETERAN": "veteran", "PARENT": "parental_responsibility", "PRNTSTAT": "parental_status",
    "CHILDWTH": "children_count", "EHCS": "early_help_1", "EHCS2": "early_help_2", "EHCS3": "early_help_3",
    "DRUG1": "problem_substance_1", "DRUG2": "problem_substance_2", "DRUG3": "problem_substance_3",
    "ALCDDAYS": "drinking_days", "ALCUNITS": "alcohol_units", "INJSTAT": "injecting_status", "AUDIT": "audit_score",
    "HEPBSTAT": "hep_b_status", "HEPCSTAT": "hep_c_status", "HEPCTSTD": "hep_c_test_date", "HIVSTAT": "hiv_status",
    "HIVTESTDT": "hiv_test_date", "LIVSCRN": "liver_screen", "DUALDIAG": "mental_health_need",
    "MHTINT": "mental_health_treatment", "SEXWORK": "sex_work", "NPSUSE": "nps_use", "CLINREV": "clinical_review",
    "DISD": "discharge_date", "DISRSN": "discharge_reason", "RECONNECT": "reconnect",
    "MHTXEXIT": "mental_health_treatment_at_exit", "SENTENCED": "sentenced", "THNALOX": "naloxone_issued",
    "REFHEPCTX": "hep_c_referral", "REFHEPCTXDT": "hep_c_referral_date", "HOMELESSEXIT": "homeless_at_exit",
    "EXITD": "exit_date", "EXITRSN": "exit_reason", "EXITDEST": "exit_destination", "RTOAGNCY": "onward_referral",
}  # fmt: skip
ADDRESSES = {"EPISODID": "journey_id", "PC": "postcode", "NFA_UTLA": "benefits_area"}
PROGRAMMES = {
    "MODID": "programme_id", "EPISODID": "journey_id", "MODAL": "intervention_type", "MODST": "start_date",
    "MODEND": "end_date",
}  # fmt: skip


def read_fields(table: dict[str, Any], folder: Path) -> pl.DataFrame:
    """Returns a table of the first example with the fields' headers and the words of the code lists."""
    raw = pl.read_csv(folder / table["file"], separator="|", encoding="cp1252", infer_schema=False)
    stripped = raw.select(pl.col(column).str.strip_chars().alias(header) for header, column in table["columns"].items())
    blank = stripped.select(pl.when(~pl.all().is_in(BLANKS)).then(pl.all()).name.keep())
    return blank.with_columns(
        pl.col(header).replace(codes) for header, codes in table.get("codes", {}).items() if header in blank.columns
    )


def parse_days(table: pl.DataFrame, *headers: str) -> pl.DataFrame:
    """Parses the columns in which every value is a day; a column with a year or a month stays text."""
    for header in headers:
        # A timestamp has the time after the 11 characters of the day.
        day = table[header].str.slice(0, 11).str.to_date("%d %b %Y", strict=False)
        if day.null_count() == table[header].null_count():
            table = table.with_columns(day.alias(header))
    return table


def main(out: Path) -> None:
    """Writes the files."""
    # Orchard's mapping already translates its words, so this script reuses it.
    mapping = tomllib.loads((HERE.parent / "sources" / "orchard.toml").read_text(encoding="utf-8"))
    folder = HERE / "orchard" / MONTH
    clients, episodes, interventions = (
        read_fields(mapping[name], folder) for name in ("clients", "episodes", "interventions")
    )
    out = out / MONTH
    out.mkdir(parents=True, exist_ok=True)
    persons = parse_days(clients, "DOB").select(pl.col(header).alias(name) for header, name in PERSONS.items())
    # Two deleted copies, which the filter of the mapping has to leave out.
    gone = persons.head(2).with_columns(pl.col("person_key") + "-X", is_deleted=pl.lit(value=True))
    persons = pl.concat([persons.with_columns(is_deleted=pl.lit(value=False)), gone])
    persons.write_parquet(out / "persons.parquet", compression="zstd")
    dates = ("INTRCPTD", "RECPDT", "TRIAGED", "DISD", "REFHEPCTXDT", "EXITD", "HEPCTSTD", "HIVTESTDT")
    journeys = parse_days(episodes, *dates).select(pl.col(header).alias(name) for header, name in JOURNEYS.items())
    # Orchard exports some episodes twice, but an address joins to one row per episode.
    addresses = episodes.unique("EPISODID", keep="first", maintain_order=True).select(
        pl.col(header).alias(name) for header, name in ADDRESSES.items()
    )
    with xlsxwriter.Workbook(out / "journeys.xlsx", {"default_date_format": "dd/mm/yyyy"}) as workbook:
        journeys.write_excel(workbook, worksheet="Journeys", autofit=True)
        addresses.write_excel(workbook, worksheet="Addresses", autofit=True)
    programmes = parse_days(interventions, "MODST", "MODEND")
    programmes.select(pl.col(header).alias(name) for header, name in PROGRAMMES.items()).write_parquet(
        out / "programmes.parquet", compression="zstd"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the second example.")
    parser.add_argument("--out", type=Path, default=HERE / "meadow")
    main(parser.parse_args().out)
