"""The check of a learner's own layer: `gradatim.check.layer`, and what it is made of.

==============================  ==============================================================
`layer`                         the door: an object, its inputs, a report
`opening`, `specimen`, `call`   the layer copied, its parameters found, forward and backward run
`scope`, `exactness`            weights outside of the layer, and in how many digits it computes
`point`, `examination`          where it is looked at, and everything that is done there
`mode`, `verdict`               training and evaluation: whether the other can be judged, too
`trial`, `slope`, `nearby`      gradients beside slopes, at one point, at a kink, and at a tie
`conduct`, `returned`           what it writes into, and what it gives back
`remainder`, `probe`            what nobody compares, and what a right layer is warned about
`cause`, `mistake`, `finding`   why it is wrong, and the report in words
==============================  ==============================================================
"""
