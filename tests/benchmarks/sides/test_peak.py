"""The peak of a processor is measured by a loop that does nothing else."""

from __future__ import annotations

import pytest
from sides.peak import CHAINS, fma_loop, peak_flops, product_flops

pytest.importorskip("llvmlite")


def test_every_chain_is_summed_into_the_result():
    text = fma_loop(8)

    assert text.count("@llvm.fma.v8f32(") == CHAINS + 1
    assert text.count("fadd") == CHAINS - 1


def test_both_measures_are_more_than_a_hundred_million():
    assert peak_flops(2, loops=20_000, rounds=3) > 1e8
    assert product_flops(size=64, rounds=2) > 1e8
