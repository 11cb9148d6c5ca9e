"""A benchmark in the style of MIDI-B: identifiers planted in generated instances, an answer key, ten checks, a score.

The checks and their rules are those of the validation script of the Medical Image De-Identification Benchmark
(arXiv 2508.01889 and 2507.23608; github.com/CBIIT/MIDI_validation_script); where ours are stricter, `checks` and
`mapping` say so. The data are our own: scores compare tools on this set, not with the challenge's table.
"""
