"""What training minimises: start at `make.make_loss`; `docs/losses.md` says which to take and why.

A loss takes a `heard.Heard` and returns a scalar. Each equation is a function of tensors with its formula
and source; the class beside it holds the keys that a recipe's `[loss]` table may set.

Floors are relative to the example's mixture, so that no loss depends on an absolute level: scaled
together, mixture, references and estimates give `level ** degree` times the loss, and each class says its
degree.
"""
