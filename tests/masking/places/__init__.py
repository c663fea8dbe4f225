"""Tests of addresses and regions."""
