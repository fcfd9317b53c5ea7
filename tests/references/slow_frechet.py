"""Fréchet distance as others work it out: by a general matrix root, by eigenvalues, in float32."""

import warnings

import numpy as np
import scipy.linalg
import torch


def _parts(x_ND, y_MD, ddof):
    x_ND, y_MD = np.asarray(x_ND, np.float64), np.asarray(y_MD, np.float64)
    covariances = [np.atleast_2d(np.cov(rows, rowvar=False, ddof=ddof)) for rows in (x_ND, y_MD)]
    gap = x_ND.mean(axis=0) - y_MD.mean(axis=0)
    return gap @ gap + sum(np.trace(c) for c in covariances), *covariances


def by_matrix_root(x_ND, y_MD, ddof=1):
    """With scipy's square root of the product of the covariances."""
    rest, a_DD, b_DD = _parts(x_ND, y_MD, ddof)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # singular products are what it warns of
        root = scipy.linalg.sqrtm(a_DD @ b_DD)
    return float(rest - 2 * np.trace(root).real)


def by_eigenvalues(x_ND, y_MD, ddof=1):
    """With the eigenvalues of the product of the covariances, by torch."""
    rest, a_DD, b_DD = _parts(x_ND, y_MD, ddof)
    values = torch.linalg.eigvals(torch.from_numpy(a_DD @ b_DD))
    return float(rest - 2 * values.sqrt().real.sum().item())


def in_float32(x_ND, y_MD, ddof=1):
    """With singular value decompositions of D x D matrices in float32, as some ports do."""
    rest, a_DD, b_DD = (np.float32(part) for part in _parts(x_ND, y_MD, ddof))
    u, s, vt = np.linalg.svd(a_DD)
    root = (u * np.sqrt(s)) @ vt
    return float(rest - 2 * np.sqrt(np.linalg.svd(root @ b_DD @ root)[1]).sum())
