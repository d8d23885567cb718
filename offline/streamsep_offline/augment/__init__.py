"""Variations of training examples: small pieces, put in a row by a recipe's `[[augment]]` tables.

Start at `chain.make_augment`. A piece takes random numbers, an `Example` and a sample rate, and returns
an example of the same shapes in float32; it never modifies what it was given. The same random numbers
give the same result.

A piece changes the *parts* of a mixture: its stems and, where the mixture holds more than them, what is
left over, which is treated like one more stem. The mixture is then the sum of the parts again. Pieces
that only change what is heard (a codec, noise) come last.
"""
