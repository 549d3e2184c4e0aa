"""What follows from a value: initials, sectors and authorities."""
