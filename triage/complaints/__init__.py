"""What a customer's words point to: the faults of the house, ranked, with a probability each. Pure: no database, no clock, no Django.

* ``text``: words of any language and script brought into one plain form, bounded;
* ``features``: what is counted of them, alike in every language: words, pairs of words, pieces of words;
* ``light``: a model as plain weights, read with the standard library, and what it proposes;
* ``phrases``: what customers write of each fault, from which a fresh install begins;
* ``labels``: other people's names of faults, and which of ours they are;
* ``learning``: examples to a model, several candidates judged by cross-validation;
* ``odds``: how likely a repair succeeds, by class, age and fault, smoothed, with its interval.

``learning`` loads scikit-learn (some 100 MB): only jobs and commands import it, never a page.
"""
