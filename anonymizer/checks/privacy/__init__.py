"""What synthetic histories give away of the people they were made from: copies and attacks."""
