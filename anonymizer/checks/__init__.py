"""Judges synthetic histories and masked tables, whoever made them. Knows no model.

From the ground up: `figures` (what a result is, and all limits) and `sets` (the data); `utility`,
`privacy` and `attacks` measure; `reports` are data, `pages` draw them; `check` and `audit` put all
together. Imports point down only.
"""
