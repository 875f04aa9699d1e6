"""The four example competitions, run whole: miniature data and models, everything else as in the examples."""
