"""Text → region: one parser per country, and the tables that they read."""
