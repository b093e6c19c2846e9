"""Measures ragd's vector index beside its peers: see bench_ann.py."""
