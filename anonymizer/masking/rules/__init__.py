"""What a rule file can say; nothing here touches data."""
