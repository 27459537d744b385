"""A program as machine code, written with what gradatim.native has.

::

    exponential   exp, log and what is made of them
    expression    the expression of a primitive as instructions
    kernel        loops over rows, sums over all of them, products
    halves        long products as sums of two
    schedule      lines put together into kernels
    writer        where values lie, and what a line does
    rows columns  loops over rows, and sums over all of them
    tiles         products of matrices; how they are cut (blocking), copies of factors (panels),
                  what follows them (epilogue), and columns too few for a vector (fringe)
    sparse        products that leave out zeros: which (sparsity), where zeros are not (nonzeros),
                  how they are cut (cut), what must be finite for it (finite), and bytes that stay
                  bytes (stored)
    bands         matrices that are copied while many steps run
    feed barrier  many steps in one call, by several threads
    pointers      where values lie, for a function that is written
    module        all of it as one text
    guard         accesses compared with the extent of their arrays, in tests
    fingerprint   what tells that the same text would be written again
    native        a program that runs
"""
