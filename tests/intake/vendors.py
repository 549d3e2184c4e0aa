"""Small exports in the styles of systems that the program has not seen, with where each field is."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from schemas.code_lists import CodeLists

Rows = Sequence[Mapping[str, object]]
_RECORDS = 60

# What each code of a question means, with the field that it is for; three of them have several answers.
QUESTIONS = {
    "CNS": ("Consent to share data", "CONSENT"), "SXO": ("Sexual orientation", "SEXUALO"),
    "REL": ("Religion / faith", "RELIGION"), "ACC": ("Accommodation before custody", "HOUSING"),
    "INJ": ("Injecting status", "INJSTAT"), "NPS": ("Used spice or other synthetic cannabinoids", "NPSUSE"),
    "AUD": ("AUDIT score", "AUDIT"), "ADY": ("Drinking days in last 28", "ALCDDAYS"),
    "HCV": ("Hepatitis C test", "HEPCSTAT"), "LIV": ("Referred for liver screening", "LIVSCRN"),
    "VET": ("Veteran of the armed forces", "VETERAN"), "DSB": ("Disabilities (all that apply)", "DISABLE1"),
    "EHC": ("Early help for children (all that apply)", "EHCS"), "DRG": ("Problem substances, in order", "DRUG1"),
}  # fmt: skip
_SEVERAL = {
    "DISABLE1": ("DISABLE1", "DISABLE2", "DISABLE3"), "EHCS": ("EHCS", "EHCS2", "EHCS3"),
    "DRUG1": ("DRUG1", "DRUG2", "DRUG3"),
}  # fmt: skip
_LISTS = {"DISABLE1": "DISABLE", "DRUG1": "DRUG"}


def write_questionnaire(folder: Path, lists: CodeLists) -> dict[str, str]:
    """Writes a system with abbreviations in camel case, a row for each answer, and addresses; returns the places."""
    people: Rows = [
        {
            "PtId": 5000 + n,
            "FNm": "Ann",
            "SNm": "Ash",
            "DtOfBth": f"{n % 28 + 1:02}/03/1980",
            "NomsNo": f"A{1000 + n}BC",
        }
        for n in range(_RECORDS)
    ]
    spells: list[dict[str, object]] = []
    answers: list[dict[str, object]] = []
    addresses: list[dict[str, object]] = []
    for n in range(_RECORDS):
        day = f"{n % 28 + 1:02}"
        spells.append({
            "SpellId": 700 + n, "PtId": 5000 + n, "SiteCd": "HMPX", "CustStDt": f"{day}/01/2023",
            "EstRcptDt": f"{day}/02/2023", "InitAssmtDt": f"{day}/03/2023", "ExpRelDt": f"{day}/09/2023",
            "LftEstDt": f"{day}/06/2023", "NalxIssYN": "YN"[n % 2], "NalxOffYN": "NY"[n % 2],
            "LstUpdDttm": f"{day}/07/2023",
        })  # fmt: skip
        addresses += [
            {"AddrId": 2 * n + k, "PtId": 5000 + n, "AddrTyp": "Home", "PstCd": ("LS1 4AP", "M1 1AE", "B33 8TH")[n % 3],
             "FrDt": f"{day}/0{1 + k}/2022", "ToDt": "" if k else f"{day}/02/2022"}
            for k in range(2)
        ]  # fmt: skip
        for code, (_, header) in QUESTIONS.items():
            labels = [one.label for one in lists[_LISTS.get(header, header)].codes] if header not in _NUMBERS else []
            for number in range(1, 1 + (1 + n % 3 if header in _SEVERAL else 1)):
                text = labels[(n + number) % len(labels)] if labels else str(n % 20)
                answers.append({
                    "AnsId": 90000 + len(answers), "SpellId": 700 + n, "QstCd": code, "AnsNo": number, "AnsTxt": text,
                    "AnsDt": f"{day}/03/2023", "FormTxt": ("paper", "screen", "kiosk")[n % 3],
                    "UsrId": n % 7, "DelFlg": int(n % 11 == 0),
                })  # fmt: skip
    kinds = [{"QstCd": code, "QstTxt": text, "SrtOrd": n} for n, (code, (text, _)) in enumerate(QUESTIONS.items())]
    names = [one.label for one in lists["MODAL"].codes]
    items = [
        {"TxItmId": 30000 + n, "SpellId": 700 + n, "ModDesc": names[n % len(names)], "CommDt": "01/04/2023"}
        for n in range(_RECORDS)
    ]
    tables: dict[str, Rows] = {
        "tblPt": people, "tblSpell": spells, "tblAddr": addresses, "tblAssmtAns": answers, "lkpQst": kinds,
        "tblTxItm": items,
    }  # fmt: skip
    for name, rows in tables.items():
        _write(folder / f"{name}.csv", rows)
    found = {
        "CLIENTID": "tblPt.PtId", "FORENAME": "tblPt.FNm", "SURNAME": "tblPt.SNm", "DOB": "tblPt.DtOfBth",
        "CLIENT": "tblPt.NomsNo", "EPISODID": "tblSpell.SpellId", "INTRCPTD": "tblSpell.CustStDt",
        "RECPDT": "tblSpell.EstRcptDt", "TRIAGED": "tblSpell.InitAssmtDt", "EXITD": "tblSpell.LftEstDt",
        "THNALOX": "tblSpell.NalxIssYN", "PC": "tblAddr.PstCd", "MODID": "tblTxItm.TxItmId",
        "MODAL": "tblTxItm.ModDesc", "MODST": "tblTxItm.CommDt",
    }  # fmt: skip
    for text, header in QUESTIONS.values():
        place = f"tblAssmtAns.AnsTxt[QstCd={text}]"
        numbered = enumerate(_SEVERAL.get(header, ()), start=1)
        found |= {one: f"{place}[AnsNo={n}]" for n, one in numbered} or {header: place}
    return found


_NUMBERS = ("AUDIT", "ALCDDAYS")


def _write(path: Path, rows: Rows) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
