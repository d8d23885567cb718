"""Hermitian systems of a few unknowns, plane by plane: L D L^H without square roots or pivots.

A matrix is a list of rows of planes, of which only the lower triangle is given; a vector is a list of
planes. Loops run over channels, arithmetic over all bins and frames at once. For positive definite
matrices, which the loading of the covariances guarantees, no pivots are needed.

Source: G. H. Golub, C. F. Van Loan, "Matrix Computations", 4.1.
"""

from __future__ import annotations

from streamsep_offline.filters.arrays import Array


def factorise(matrix: list[list[Array]]) -> tuple[list[list[Array]], list[Array]]:
    """L and D of a Hermitian positive definite matrix, A = L D L^H, L with ones on its diagonal.

    Returns:
        Rows of L, left of the diagonal; and the diagonal D, real.
    """
    lower: list[list[Array]] = []
    diagonal: list[Array] = []
    for i, row in enumerate(matrix):
        left: list[Array] = []
        for k in range(i):
            value = row[k]
            for m in range(k):
                value = value - left[m] * diagonal[m] * lower[k][m].conj()
            left.append(value / diagonal[k])
        pivot = row[i].real
        for m in range(i):
            pivot = pivot - (left[m] * left[m].conj()).real * diagonal[m]
        lower.append(left)
        diagonal.append(pivot)
    return lower, diagonal


def solve(lower: list[list[Array]], diagonal: list[Array], right: list[Array]) -> list[Array]:
    """z of L D L^H z = right."""
    n = len(diagonal)
    z: list[Array] = []
    for i in range(n):
        value = right[i]
        for k in range(i):
            value = value - lower[i][k] * z[k]
        z.append(value)
    for i in range(n - 1, -1, -1):
        z[i] = z[i] / diagonal[i]
        for k in range(i + 1, n):
            z[i] = z[i] - lower[k][i].conj() * z[k]
    return z
