"""What synthetic histories kept of the real ones: each module measures one kind of figure."""
