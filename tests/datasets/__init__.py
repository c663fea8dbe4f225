"""Tests of several tables of one database."""
