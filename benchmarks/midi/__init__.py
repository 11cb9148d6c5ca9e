"""A benchmark in the style of MIDI-B: identifiers planted in generated instances, an answer key, ten checks, a score.

The checks and their rules are those of the validation script of the Medical Image De-Identification Benchmark
(arXiv 2508.01889 and 2507.23608; github.com/CBIIT/MIDI_validation_script); where ours are stricter, `checks` and
`mapping` say so. The data are our own: scores compare tools on this set, not with the challenge's table.

`challenge.json` shows what the engine can do when asked for everything. It was written by who knew the set: it keeps
the private elements that the set calls safe and cleans the attribute outside the standard's table that the set
abuses. So was, in part, the ready configuration `research.json`. Their scores are not those of a configuration on
unseen data; other tools run with their defaults. Generator, judge and engine share authors and, for pixels, the
reader of text.
"""
