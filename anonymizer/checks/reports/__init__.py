"""Reports as data: figures with their colours, counts, notes and a verdict. `pages/` draws them."""
