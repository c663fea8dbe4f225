"""Tests of Spark, each against a real one."""
