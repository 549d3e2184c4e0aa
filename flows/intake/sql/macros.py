"""The macros that a mapping's SQL can use, as statements for DuckDB."""

from collections.abc import Iterator, Sequence

from transforms.parse.date_forms import FRACTION_TEXT, has_fraction, simplify_form

# A time of day after a date, with or without an offset.
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?"
_OFFSET = "(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])"

_FIRST_FILLED = "create macro first_filled(choices) as list_filter(choices, lambda x: trim(x) <> '')[1]"
# What a query that cannot choose fails with; `errors` recognises it.
TIED = "two rows of a group differ and have the same time"
# The last two of the rows that differ: if they have the same place, neither is the last. Rows without a time come
# before all others.
_LAST = f"""create macro ndtms_last(value, moment, tie, counts) as list_transform(
    [max(distinct struct_pack(
        place := struct_pack(known := moment is not null, moment := moment, tie := tie), value := value
    ), 2) filter (where counts and value is not null)],
    lambda two: case when two[1].place = two[2].place then error('{TIED}') else two[1].value end
)[1]"""
_LATEST = "create macro latest(value, moment, tie := null) as ndtms_last(value, moment, tie, true)"
_NTH = "create macro nth(value, rank, n) as max(value) filter (where try_cast(rank as integer) = n)"
_ANSWER = """create macro answer(question, value, moment, name, tie := null)
    as ndtms_last(value, moment, tie, question = name)"""

# The date of a text as YYYY-MM-DD, and what follows the date.
_DATE_TEXT = """create macro ndtms_date_text(t) as case
    when starts_with(t, '0000') then null
    when regexp_matches(t, '^[0-9]{4}-[0-9]{2}-[0-9]{2}') then t[1:10]
    when regexp_matches(t, '^[0-9]{2}/[0-9]{2}/[0-9]{4}') then t[7:10] || '-' || t[4:5] || '-' || t[1:2]
    when regexp_matches(t, '^[0-9]{8}') then t[1:4] || '-' || t[5:6] || '-' || t[7:8]
    when regexp_matches(t, '^[0-9]{2}-[A-Za-z]{3}-[0-9]{4}')
        then strftime(try_strptime(t[1:11], '%d-%b-%Y'), '%Y-%m-%d')
    end"""
_REST_TEXT = """create macro ndtms_rest_text(t) as case
    when regexp_matches(t, '^[0-9]{8}') then t[9:]
    when regexp_matches(t, '^[0-9]{2}-[A-Za-z]{3}-[0-9]{4}') then t[12:]
    else t[11:]
    end"""
# DuckDB needs the seconds, and a colon in the offset.
_MOMENT_TEXT = """create macro ndtms_moment_text(t) as ndtms_date_text(t) || ' ' || regexp_replace(
    regexp_replace(ndtms_rest_text(t)[2:], '^([0-9]{2}:[0-9]{2})(Z|[+-])', '\\1:00\\2'),
    '([+-][0-9]{2}):?([0-9]{2})$', '\\1:\\2')"""
_DAY_IN_LONDON = """create macro ndtms_day_in_london(t) as
    cast(timezone('Europe/London', try_cast(ndtms_moment_text(t) as timestamptz)) as date)"""

# A time without an offset is one in London, because the database's time zone is.
_MOMENT = """create macro as_moment(value) as try_cast(case
        when regexp_full_match(ndtms_rest_text(trim(value)), '') then ndtms_date_text(trim(value))
        when ndtms_rest_text(trim(value))[1] in ('T', ' ') then ndtms_moment_text(trim(value))
    end as timestamptz)"""


def build_macros(forms: Sequence[str]) -> Iterator[str]:
    """Yields the statements that create the macros.

    Args:
        forms: the date forms of the mapping (strftime).

    Yields:
        Statements for `as_day`, `as_day_or_text`, `as_moment`, `first_filled`, `latest`, `nth` and `answer`, and for
        what they are made of.
    """
    yield from (_FIRST_FILLED, _LAST, _LATEST, _NTH, _ANSWER)
    yield from (_DATE_TEXT, _REST_TEXT, _MOMENT_TEXT, _DAY_IN_LONDON, _MOMENT)
    own = "".join(f", {_parse_form(form)}" for form in forms)
    yield f"""create macro as_day(value) as case
        when regexp_full_match(ndtms_rest_text(trim(value)), '[T ]{_CLOCK}{_OFFSET}')
            then ndtms_day_in_london(trim(value))
        when regexp_full_match(ndtms_rest_text(trim(value)), '([T ]{_CLOCK})?')
            then coalesce(try_cast(ndtms_date_text(trim(value)) as date){own})
        else coalesce(cast(null as date){own})
        end"""
    yield "create macro as_day_or_text(value) as coalesce(cast(as_day(value) as varchar), value)"


def _parse_form(form: str) -> str:
    """Returns an expression that parses a text of a form only if the date in this form is the text again."""
    quoted = "'" + simplify_form(form).replace("'", "''") + "'"
    exactly = _parse_exactly("trim(value)", quoted)
    if not has_fraction(form):
        return exactly
    without = _parse_exactly(f"regexp_replace(trim(value), '{FRACTION_TEXT}', '\\2')", quoted)
    return f"coalesce({exactly}, {without})"


def _parse_exactly(text: str, form: str) -> str:
    parsed = f"try_strptime({text}, {form})"
    return f"case when lower(strftime({parsed}, {form})) = lower({text}) then cast({parsed} as date) end"
