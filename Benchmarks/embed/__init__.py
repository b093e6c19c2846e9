"""What `Benchmarks/bench_embed.py` is made of: engines, the work that they do, and the report."""
