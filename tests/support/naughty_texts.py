"""Texts that spreadsheets take for something else: formulas, links, numbers, dates and errors."""

NAUGHTY = (
    "=1+1", "+1", "-1", "@SUM(A1)", "{=1+1}", '=HYPERLINK("http://evil.example")', "http://evil.example/?q=1",
    "https://evil.example", "ftp://evil.example", "mailto:a@b.example", "internal:Sheet1!A1",
    "external:\\\\evil\\share",
    "file:///etc/passwd", "http://a/" + "x" * 3000, "  leading and trailing  ", "tab\there", "line\nbreak", "0012",
    "1e5", "2023-04-01", "TRUE", "'quoted", '"quoted"', "<b>&amp;</b>", "]]>", "_x0041_", "\u202eright to left",
    "é 😀 漢",
    "NULL", "#N/A", "#REF!", "x" * 32_767,
)  # fmt: skip
