"""Derives values from others: initials, postcode sectors and authorities."""
