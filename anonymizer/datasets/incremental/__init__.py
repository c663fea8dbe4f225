"""What is remembered from night to night, and which rows a night masks."""
