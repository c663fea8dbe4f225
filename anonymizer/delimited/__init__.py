"""Delimited text (CSV, TSV): read as the text it is, record by record, in any dialect.

A column is text, character by character. Types are said by whoever reads, or, for learning, must
fit every cell; nothing is read off some of the rows. What is malformed is an error that gives the
line, and never a cell.
"""
