"""How well a model separates songs whose stems are known: figures, tables, reports, comparisons, oracles.

`song_jobs` runs a `Method` on songs and `score` gives the figures; `docs/evaluation.md` says what each
means. Everything reads songs through `.name`, `.kind`, `.stems` and `.read`.
"""
