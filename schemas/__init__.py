"""What is true of good data: the fields, the code lists and the rules of the dataset."""
