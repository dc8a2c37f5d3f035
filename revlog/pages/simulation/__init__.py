"""A made-up operation that drives units through the real verbs: for the demo, for measuring, and for tests of the whole.

It lives above every stage and writes nothing itself. Who does what when is drawn from one seed; ids come from the same seed and every
verb is told the time, so that the same seed on an empty database says the same facts in the same order.
"""
