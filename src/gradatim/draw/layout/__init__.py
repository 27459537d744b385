"""Boxes and links on a sheet, from left to right, with room for every label.

===============================  ============================================================
`layout`                         the door: `lay_out`
`sheet`                          what is laid out, and where everything came to stand
`frame`, `stack`, `arrangement`  groups in frames; separate graphs; one connected graph
`rank`, `columns`, `order`       columns, slots for long links, as few crossings as possible
`align`, `settle`, `place`       heights, and widths
`route`, `path`                  the paths of the links, and of what they consist
`rows`, `turn`                   a long layout in rows, and the ways from row to row
===============================  ============================================================
"""
