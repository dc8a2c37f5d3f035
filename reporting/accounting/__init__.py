"""Postings as journal lines for an accountant: the chart of accounts, and one writer for each format."""
