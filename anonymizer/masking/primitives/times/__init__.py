"""Times as text and integers have them, and days that many people share."""
