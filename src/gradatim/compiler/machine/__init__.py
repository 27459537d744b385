"""A program as machine code, through LLVM.

::

    ir            types, loops and vectors, written as text
    arithmetic    what operators are in machine code
    exponential   exp, log and what is made of them
    expression    the expression of a primitive as instructions
    schedule      lines put together into kernels
    writer        where values lie, and what a line does
    rows columns tiles    the three kinds of kernels
    feed barrier  many steps in one call, by several threads
    module        all of it as one text
    guard         accesses compared with the extent of their arrays, in tests
    keeping       compiled code on disk
    engine        text compiled and loaded
    native        a program that runs
"""
