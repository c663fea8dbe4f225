"""A run over several sites on one machine: how it would go, before anything leaves a site."""
